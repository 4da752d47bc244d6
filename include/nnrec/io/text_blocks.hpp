#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// Cuts a text into blocks of whole lines, so that memory does not grow with it and blocks can be
/// parsed independently. A byte order mark at the start is dropped. It does not judge the encoding.
class TextBlocks {
 public:
  /// `label` names the text in messages.
  TextBlocks(std::unique_ptr<ByteSource> source, std::string label);
  explicit TextBlocks(const std::filesystem::path& path);

  /// The next block, of about 128 KiB; every line in it but the text's last ends in '\n'.
  /// Returns false at the end. Throws InputError when a line has no end within reason.
  bool next(std::string& block);
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }

 private:
  bool fill(std::string& block);

  std::unique_ptr<ByteSource> source_;
  std::string label_;
  std::unique_ptr<char[]> buffer_;
  std::string rest_;  ///< of the last line read
  std::uint64_t bytes_read_ = 0;
};

/// Takes the first line off `text`, without its '\n' or "\r\n". Returns false when text is empty.
bool take_line(std::string_view& text, std::string_view& line);

/// `text` without a byte order mark at its start.
std::string_view without_byte_order_mark(std::string_view text) noexcept;

}  // namespace nnrec::io
