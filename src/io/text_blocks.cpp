#include "nnrec/io/text_blocks.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kBlockBytes = 1 << 17;
constexpr std::size_t kLongestRecord = 1 << 24;

}  // namespace

TextBlocks::TextBlocks(std::unique_ptr<ByteSource> source, std::string label, Cut cut,
                       Filling filling)
    : source_(std::move(source)),
      label_(std::move(label)),
      cut_(cut ? std::move(cut) : [](std::string_view text) { return text.rfind('\n') + 1; }),
      filling_(filling) {}

TextBlocks::TextBlocks(const std::filesystem::path& path)
    : TextBlocks(open_file(path), path.string()) {}

/// Adds up to one block of bytes. Returns false at the end.
bool TextBlocks::fill(std::string& block) {
  // Not set beforehand: most files are shorter, and what is read overwrites it.
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kBlockBytes);
  std::size_t size = 0;
  while (size < kBlockBytes) {
    const auto count = source_->read(std::span(buffer_.get() + size, kBlockBytes - size));
    if (count == 0) break;
    size += count;
    if (filling_ == Filling::prompt && source_->would_wait()) break;
  }
  std::string_view text(buffer_.get(), size);
  if (bytes_read_ == 0) text = without_byte_order_mark(text);
  block.append(text);
  bytes_read_ += size;
  return size > 0;
}

bool TextBlocks::next(std::string& block) {
  block.assign(rest_);
  rest_.clear();
  while (fill(block)) {
    const auto whole = cut_(block);
    if (whole > 0) {
      rest_.assign(block, whole);
      block.resize(whole);
      return true;
    }
    if (block.size() > kLongestRecord) {
      throw InputError("{}: has a line of more than {} bytes: is it a text file?", label_,
                       kLongestRecord);
    }
  }
  return !block.empty();
}

bool take_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const auto end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

std::string_view without_byte_order_mark(std::string_view text) noexcept {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

}  // namespace nnrec::io
