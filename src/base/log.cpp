#include "nnrec/base/log.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

#include "nnrec/base/error.hpp"

namespace nnrec {

Log::Log(std::FILE* console, Progress progress)
    : console_(console),
      rewrites_(console != nullptr &&
                (progress == Progress::rewrite ||
                 (progress == Progress::detect && isatty(fileno(console)) == 1))) {}

void Log::open_file(const std::filesystem::path& path) {
  file_.reset(std::fopen(path.c_str(), "a"));
  if (!file_) throw IoError("{}: cannot open the log: {}", path.string(), std::strerror(errno));
}

void Log::write_file(std::string_view text) {
  if (!file_) return;
  fmt::print(file_.get(), "{}\n", text);
  std::fflush(file_.get());
}

void Log::line(std::string_view text) {
  if (console_ != nullptr) {
    if (progress_shown_) fmt::print(console_, "\r\033[K");
    progress_shown_ = false;
    fmt::print(console_, "{}\n", text);
    std::fflush(console_);
  }
  write_file(text);
}

void Log::progress(std::string_view text) {
  if (!rewrites_) return line(text);
  fmt::print(console_, "\r\033[K{}", text);
  std::fflush(console_);
  progress_shown_ = true;
  write_file(text);
}

}  // namespace nnrec
