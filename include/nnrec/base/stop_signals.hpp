#pragma once

#include <array>
#include <csignal>
#include <cstddef>

namespace nnrec {

/// Notes the signals that ask a program to come to an orderly end, instead of dying of them: TERM
/// and INT from a person or a scheduler, USR1 as a warning before a time limit, HUP when the
/// terminal is gone (ignored where the process was told to, as nohup does), XCPU when the processor
/// time is used up. Another signal ends the process at once (exit code 128 + its number) when a
/// second has passed since the first; earlier ones are taken for the same request, which launchers
/// often pass on twice, and so is every further XCPU, which the kernel repeats, and every further
/// USR1, which jobs/launch.sh does. PIPE is ignored: who writes to a closed pipe gets an error. At
/// most one object lives in a process at a time; its end restores the former handlers.
class StopSignals {
 public:
  /// Signals that were held, by hold() or by whoever started the process, come now.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// From here on, across exec too, a signal waits for an object instead of ending the process.
  static void hold();

  /// The signal that came first, or 0.
  int received() const noexcept;

  /// Whether a signal has come to the object that lives, or to the last one that did. For whoever
  /// must not wait for anybody from then on.
  static bool stop_is_asked() noexcept;

  static constexpr std::array kSignals{SIGTERM, SIGINT, SIGUSR1, SIGHUP, SIGXCPU};

 private:
  std::array<struct sigaction, kSignals.size()> former_{};
  struct sigaction former_pipe_ {};
};

}  // namespace nnrec
