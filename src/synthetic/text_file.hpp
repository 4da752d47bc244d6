#pragma once

#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <span>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::synthetic {

/// Text to one new file, in pieces of a megabyte; every refusal of the machine is an IoError.
class SyntheticTextFile {
 public:
  explicit SyntheticTextFile(std::filesystem::path path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
    if (!file_) fail();
    // Pieces are large: the library's own buffer would copy them once more.
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }

  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
    if (buffer_.size() >= kPiece) flush();
  }
  void write(std::span<const char> text) {
    flush();
    write_through(text);
  }
  void close() {
    flush();
    if (std::fclose(file_.release()) != 0) fail();
  }

 private:
  static constexpr std::size_t kPiece = 1 << 20;
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  void flush() {
    write_through({buffer_.data(), buffer_.size()});
    buffer_.clear();
  }
  void write_through(std::span<const char> text) {
    if (text.empty()) return;
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail();
  }
  [[noreturn]] void fail() const {
    throw IoError("{}: cannot be written: {}", path_.string(), system_reason());
  }

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
  fmt::memory_buffer buffer_;
};

}  // namespace nnrec::synthetic
