#include "nnrec/base/log.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "nnrec/base/error.hpp"

namespace nnrec {
namespace {

/// Whether the stream took all of `text`; else errno says why not.
bool write(std::FILE* stream, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
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
  if (!file_) throw IoError("{}: cannot open the log: {}", file_name_, std::strerror(errno));
}

void Log::write_console(std::string_view text) {
  if (console_ == nullptr || write(console_, text)) return;
  console_ = nullptr;
  rewrites_ = false;
  throw IoError("the standard output cannot be written: {}", std::strerror(errno));
}

void Log::write_file(std::string_view text) {
  if (!file_ || write(file_.get(), fmt::format("{}\n", text))) return;
  const std::string reason = std::strerror(errno);
  file_.reset();
  throw IoError("{}: the log cannot be written: {}", file_name_, reason);
}

void Log::line(std::string_view text) {
  const std::string_view erase = progress_shown_ ? "\r\033[K" : "";
  progress_shown_ = false;
  write_file(text);
  write_console(fmt::format("{}{}\n", erase, text));
}

void Log::progress(std::string_view text) {
  if (!rewrites_) return line(text);
  progress_shown_ = true;
  write_file(text);
  write_console(fmt::format("\r\033[K{}", text));
}

}  // namespace nnrec
