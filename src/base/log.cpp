#include "nnrec/base/log.hpp"

#include <algorithm>

#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/patient_stream.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec {

Log::Log(std::FILE* console, Progress progress)
    : console_(console),
      rewrites_(console != nullptr &&
                (progress == Progress::rewrite ||
                 (progress == Progress::detect && isatty(fileno(console)) == 1))) {}

void Log::open_file(const std::filesystem::path& path) {
  file_name_ = path.string();
  file_ = open_to_append(path, [&] {
    write_console(
        fmt::format("{}{}: waits for somebody who reads this pipe\n", take_erasure(), file_name_));
  });
  if (!file_) throw IoError("{}: cannot open the log: {}", file_name_, system_reason());
  const std::string held = std::exchange(held_, "");
  if (console_refused_ && !held.empty()) write_file(held.substr(0, held.size() - 1));
}

void Log::write_console(std::string_view text) {
  // A launcher that was told to end reads no more and waits for its ranks.
  if (console_ != nullptr && write_patiently(console_, text) == Written::refused) lose_console();
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
  if (!file_ || write_patiently(file_.get(), fmt::format("{}\n", text)) != Written::refused ||
      file_refused_)
    return;
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
