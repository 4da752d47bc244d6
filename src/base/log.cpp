#include "nnrec/base/log.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stop_signals.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec {
namespace {

/// Whether the stream took all of `text`; else errno says why not.
bool write(std::FILE* stream, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

/// Waits until `stream` takes a piece of PIPE_BUF bytes; false when a stop is asked meanwhile. A
/// launcher that was told to end reads no more and waits for its ranks, which would wait for it.
bool wait_until_writable(std::FILE* stream) {
  constexpr int kLookAgainMilliseconds = 100;
  pollfd console{fileno(stream), POLLOUT, 0};
  if (console.fd < 0) return true;  // a stream in memory takes all
  for (;;) {
    const int ready = poll(&console, 1, kLookAgainMilliseconds);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // what is wrong, writing says
    if (StopSignals::stop_is_asked()) return false;
  }
}

}  // namespace

Log::Log(std::FILE* console, Progress progress)
    : console_(console),
      rewrites_(console != nullptr &&
                (progress == Progress::rewrite ||
                 (progress == Progress::detect && isatty(fileno(console)) == 1))) {}

void Log::open_file(const std::filesystem::path& path) {
  file_.reset(std::fopen(path.c_str(), "a"));
  file_name_ = path.string();
  if (!file_) throw IoError("{}: cannot open the log: {}", file_name_, system_reason());
  const std::string held = std::exchange(held_, "");
  if (console_refused_ && !held.empty()) write_file(held.substr(0, held.size() - 1));
}

void Log::write_console(std::string_view text) {
  while (console_ != nullptr && !text.empty()) {
    if (!wait_until_writable(console_)) return;
    const std::string_view piece = text.substr(0, PIPE_BUF);
    if (!write(console_, piece)) return lose_console();
    text.remove_prefix(piece.size());
  }
}

void Log::lose_console() {
  const std::string refusal =
      fmt::format("the standard output cannot be written: {}", system_reason());
  console_ = nullptr;
  rewrites_ = false;
  console_refused_ = true;
  if (!file_ && !awaits_file_) throw IoError("{}", refusal);
  write_file(fmt::format("warning: {}; lines go on in this file alone", refusal));
}

void Log::write_file(std::string_view text) {
  if (!file_ && awaits_file_) held_ += fmt::format("{}\n", text);
  if (!file_ || write(file_.get(), fmt::format("{}\n", text)) || file_refused_) return;
  const std::string reason = system_reason();
  file_refused_ = true;
  write_console(fmt::format("{}warning: {}: the log cannot be written ({}); lines may be missing\n",
                            take_erasure(), file_name_, reason));
}

std::string_view Log::take_erasure() {
  return std::exchange(progress_shown_, false) ? "\r\033[K" : "";
}

void Log::warning(std::string_view text) {
  const std::string line = fmt::format("warning: {}", text);
  write_file(line);
  write_console(fmt::format("{}{}\n", take_erasure(), line));
}

void Log::line(std::string_view text) {
  write_file(text);
  if (is_quiet_) return;
  write_console(fmt::format("{}{}\n", take_erasure(), text));
}

void Log::lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void Log::progress(std::string_view text) {
  if (!rewrites_) return line(text);
  write_file(text);
  living(text);
}

void Log::living(std::string_view text) {
  if (!is_living()) return;
  write_console(fmt::format("\r\033[K{}", text));
  progress_shown_ = true;
}

}  // namespace nnrec
