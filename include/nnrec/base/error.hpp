#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace nnrec {

/// Who can mend a failure; each kind has its own exit code (see exit_code).
enum class ErrorKind { input, usage, io, peer, internal, interrupted };

/// The one exception type that nnrec throws. The message has place, value, rule and remedy.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// The user's data or files are wrong; the user can mend it.
class InputError : public Error {
 public:
  template <typename... Args>
  explicit InputError(fmt::format_string<Args...> format, Args&&... args)
      : Error(ErrorKind::input, fmt::format(format, std::forward<Args>(args)...)) {}
};

/// The command line or a configuration file is wrong.
class UsageError : public Error {
 public:
  template <typename... Args>
  explicit UsageError(fmt::format_string<Args...> format, Args&&... args)
      : Error(ErrorKind::usage, fmt::format(format, std::forward<Args>(args)...)) {}
};

/// The machine refused: disk full, permission, broken device.
class IoError : public Error {
 public:
  template <typename... Args>
  explicit IoError(fmt::format_string<Args...> format, Args&&... args)
      : Error(ErrorKind::io, fmt::format(format, std::forward<Args>(args)...)) {}
};

/// Another rank failed, left early, or called something else.
class PeerError : public Error {
 public:
  template <typename... Args>
  explicit PeerError(fmt::format_string<Args...> format, Args&&... args)
      : Error(ErrorKind::peer, fmt::format(format, std::forward<Args>(args)...)) {}
};

/// A broken promise between parts of nnrec: our bug.
class InternalError : public Error {
 public:
  template <typename... Args>
  explicit InternalError(fmt::format_string<Args...> format, Args&&... args)
      : Error(ErrorKind::internal, fmt::format(format, std::forward<Args>(args)...)) {}
};

/// 1 the user's input, 2 usage, 3 the machine (or another rank), 4 our bug, 75 (EX_TEMPFAIL of
/// sysexits.h) stopped as asked: the same command goes on from there.
constexpr int exit_code(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::input:
      return 1;
    case ErrorKind::usage:
      return 2;
    case ErrorKind::io:
    case ErrorKind::peer:
      return 3;
    case ErrorKind::internal:
      return 4;
    case ErrorKind::interrupted:
      return 75;
  }
  return 4;
}

}  // namespace nnrec
