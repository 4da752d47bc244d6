#include "nnrec/base/stop_signals.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nnrec {
namespace {

TEST(StopSignals, NotesTheFirstAndLivesOn) {
  for (const int signal : StopSignals::kSignals) {
    const StopSignals signals;
    EXPECT_EQ(signals.received(), 0);
    raise(signal);
    EXPECT_EQ(signals.received(), signal);
    raise(SIGTERM);  // at once: the same request, passed on twice
    EXPECT_EQ(signals.received(), signal);
  }
}

TEST(StopSignals, ALostTerminalAndUsedUpProcessorTimeAreRequestsToo) {
  for (const int signal : {SIGHUP, SIGXCPU}) {
    const StopSignals signals;
    raise(signal);
    EXPECT_EQ(signals.received(), signal);
  }
}

TEST(StopSignals, AProcessThatWasToldToIgnoreALostTerminalDoes) {
  const auto before = signal(SIGHUP, SIG_IGN);
  {
    const StopSignals signals;
    raise(SIGHUP);
    EXPECT_EQ(signals.received(), 0);
  }
  signal(SIGHUP, before);
}

TEST(StopSignals, AClosedPipeIsAnErrorOfWhoWrites) {
  const StopSignals signals;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  EXPECT_EQ(write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(ends[1]);
  EXPECT_EQ(signals.received(), 0);
}

/// The exit code of a child that runs `body`.
template <typename Body>
int exit_of_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(StopSignals, WarningsThatKernelOrLauncherRepeatAreOneRequest) {
  for (const int first : {SIGUSR1, SIGTERM}) {
    const auto later_warnings = [first] {
      const StopSignals signals;
      raise(first);
      sleep(3);
      raise(SIGXCPU);
      raise(SIGUSR1);
      return signals.received() == first ? 0 : 1;
    };
    EXPECT_EQ(exit_of_child(later_warnings), 0) << first;
  }
}

TEST(StopSignals, AHeldSignalWaits) {
  for (const int signal : StopSignals::kSignals) {
    const auto held = [signal] {
      StopSignals::hold();
      raise(signal);
      const StopSignals signals;
      return signals.received() == signal ? 0 : 1;
    };
    EXPECT_EQ(exit_of_child(held), 0) << signal;
  }
}

/// Of a child that gets TERM, and USR1 `steps` instructions later, as another thread would get it
/// then: its exit code, or nothing where it has ended before. A debugger's means make it no matter
/// of luck.
std::optional<int> exit_of_second_signal_after(int steps) {
  const pid_t child = fork();
  if (child == 0) {
    {
      const StopSignals found;  // and with it the functions of libraries that a handler calls
      raise(SIGTERM);
    }
    const StopSignals signals;
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGTERM);
    _exit(signals.received() != 0 ? 0 : 1);
  }
  int status = 0;
  std::intptr_t signal = SIGTERM;
  for (int step = 0; waitpid(child, &status, 0) == child && WIFSTOPPED(status); ++step) {
    if (step <= steps) {
      ptrace(PTRACE_SINGLESTEP, child, nullptr, signal);
      signal = 0;
    } else {
      const bool is_second = step == steps + 1;
      ptrace(PTRACE_CONT, child, nullptr, std::intptr_t{is_second ? SIGUSR1 : 0});
      if (is_second) steps = -2;
    }
  }
  return steps == -2 ? std::optional(WIFEXITED(status) ? WEXITSTATUS(status) : -1) : std::nullopt;
}

TEST(StopSignals, ASecondOneAtAnyInstructionOfTheFirstIsTheSameRequest) {
  constexpr int kInstructions = 150;  // more than the handler has
  for (int steps = 0; steps < kInstructions; ++steps) {
    const auto code = exit_of_second_signal_after(steps);
    ASSERT_TRUE(code) << "after " << steps << " instructions";
    ASSERT_EQ(*code, 0) << "after " << steps << " instructions";
  }
}

TEST(StopSignals, ItsEndRestoresTheHandlersBefore) {
  struct sigaction before {};
  sigaction(SIGUSR1, nullptr, &before);
  { const StopSignals signals; }
  struct sigaction after {};
  sigaction(SIGUSR1, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

TEST(StopSignals, ASecondOneLaterEndsTheProcessAtOnce) {
  const pid_t child = fork();
  if (child == 0) {
    const StopSignals signals;
    raise(SIGUSR1);
    sleep(3);  // cut short by nothing: the signal has been handled
    raise(SIGTERM);
    _exit(0);  // not reached
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
}

}  // namespace
}  // namespace nnrec
