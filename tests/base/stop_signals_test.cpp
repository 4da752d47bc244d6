#include "nnrec/base/stop_signals.hpp"

#include <cerrno>

#include <gtest/gtest.h>
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

TEST(StopSignals, TheKernelsRepeatedWarningOfProcessorTimeIsOneRequest) {
  const pid_t child = fork();
  if (child == 0) {
    const StopSignals signals;
    raise(SIGXCPU);
    sleep(3);
    raise(SIGXCPU);
    _exit(signals.received() == SIGXCPU ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
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
