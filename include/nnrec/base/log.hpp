#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "nnrec/base/file_handle.hpp"

namespace nnrec {

/// Lines for a person, to the console and (once opened) to a file. A silent log writes nothing to
/// the console: ranks other than 0 have one. Every line is flushed. A console that refuses it is
/// left alone from then on: with a file lines go on there, after a warning; without one the call
/// throws IoError, since nobody would know how the program ended; where a file is awaited, the
/// lines so far are kept for it. A file that refuses (a full disk) is a warning on the console,
/// once. A console whose reader has paused holds the program back, until a stop is asked
/// (StopSignals): what it does not take then is in the file alone.
class Log {
 public:
  /// How progress() writes to the console: over itself, or as lines. `detect` asks whether the
  /// console is a terminal; a launcher that lends each rank one of its own makes that answer wrong.
  enum class Progress { detect, rewrite, lines };

  static Log silent() { return Log(nullptr); }
  /// Requires: `console` outlives the log; nullptr makes the log silent on the console.
  explicit Log(std::FILE* console, Progress progress = Progress::detect);

  /// Says that open_file() will follow: a console that refuses before is no error.
  void await_file() noexcept { awaits_file_ = true; }
  /// From now on lines also go to `path` (appended). Throws IoError when it cannot be opened.
  void open_file(const std::filesystem::path& path);

  void line(std::string_view text);
  /// Each line of `text`; what follows the last line's end is a line too, unless it is empty.
  void lines(std::string_view text);
  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    line(fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    warning(fmt::format(format, std::forward<Args>(args)...));
  }
  /// On a terminal the next line overwrites this one; a captured log and the file keep it.
  void progress(std::string_view text);
  /// Whether living() shows anything: the console is a terminal.
  bool is_living() const noexcept { return rewrites_ && !is_quiet_; }
  /// On a terminal the next line overwrites this one; it is written nowhere else.
  void living(std::string_view text);
  /// From now on the console gets warnings alone; the file gets all.
  void be_quiet() noexcept { is_quiet_ = true; }

 private:
  void warning(std::string_view text);
  void write_console(std::string_view text);
  void lose_console();
  void write_file(std::string_view text);
  /// What clears the shown progress line, if there is one.
  std::string_view take_erasure();

  std::FILE* console_;
  FileHandle file_;
  std::string file_name_;
  bool file_refused_ = false;
  bool rewrites_ = false;
  bool is_quiet_ = false;
  bool progress_shown_ = false;
  bool awaits_file_ = false;
  bool console_refused_ = false;
  std::string held_;  ///< lines before the file that is awaited
};

}  // namespace nnrec
