#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace nnrec::io {

/// Reads a text file in blocks of whole lines, so that memory does not grow with the file and
/// blocks can be parsed independently. A byte order mark at the start is dropped. It does not
/// judge the encoding.
class TextBlocks {
 public:
  /// Throws InputError when the file cannot be opened.
  explicit TextBlocks(const std::filesystem::path& path);

  /// The next block; every line in it but the file's last ends in '\n'. Valid until the next call.
  /// Returns false at the end. Throws InputError when a line has no end within reason.
  bool next(std::string_view& block);
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }

 private:
  bool fill();

  struct FileClose {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  std::string path_;
  std::unique_ptr<std::FILE, FileClose> file_;
  std::string buffer_;
  std::size_t piece_bytes_ = 0;
  std::size_t consumed_ = 0;
  std::uint64_t bytes_read_ = 0;
};

/// Takes the first line off `text`, without its '\n' or "\r\n". Returns false when text is empty.
bool take_line(std::string_view& text, std::string_view& line);

/// The whole file, without a byte order mark. Throws InputError.
std::string read_text(const std::filesystem::path& path);

}  // namespace nnrec::io
