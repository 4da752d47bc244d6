#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// Cuts a text into blocks of whole records, so that memory does not grow with it and blocks can be
/// parsed independently. A byte order mark at the start is dropped. It does not judge the encoding.
class TextBlocks {
 public:
  /// The bytes of the whole records at the front of a text, 0 when it has none. Without one of
  /// their own, records are lines.
  using Cut = std::function<std::size_t(std::string_view)>;

  /// prompt: a block ends as well where the source has nothing more for now.
  enum class Filling { whole, prompt };

  /// `label` names the text in messages.
  TextBlocks(std::unique_ptr<ByteSource> source, std::string label, Cut cut = {},
             Filling filling = Filling::whole);
  explicit TextBlocks(const std::filesystem::path& path);

  /// The next block, of about 128 KiB; every record in it but the text's last is whole.
  /// Returns false at the end. Throws InputError when a record has no end within reason.
  bool next(std::string& block);
  /// Whether next() would wait for who writes the text.
  bool would_wait() const { return source_->would_wait(); }
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }

 private:
  bool fill(std::string& block);

  std::unique_ptr<ByteSource> source_;
  std::string label_;
  Cut cut_;
  Filling filling_;
  std::unique_ptr<char[]> buffer_;
  std::string rest_;  ///< of the last record read
  std::uint64_t bytes_read_ = 0;
};

/// Takes the first line off `text`, without its '\n' or "\r\n". Returns false when text is empty.
bool take_line(std::string_view& text, std::string_view& line);

/// `text` without a byte order mark at its start.
std::string_view without_byte_order_mark(std::string_view text) noexcept;

}  // namespace nnrec::io
