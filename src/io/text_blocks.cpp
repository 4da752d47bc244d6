#include "nnrec/io/text_blocks.hpp"

#include <cerrno>
#include <system_error>

#include "nnrec/base/error.hpp"

namespace nnrec::io {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kLongestLine = 1 << 24;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

TextBlocks::TextBlocks(const std::filesystem::path& path) : path_(path.string()) {
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) {
    throw InputError("{}: is a folder where a file is expected", path_);
  }
  file_.reset(std::fopen(path.c_str(), "rb"));
  if (!file_) {
    throw InputError("{}: cannot be read: {}", path_, std::generic_category().message(errno));
  }
  // A small file needs no large buffer; one byte more, so that its end is seen in the first read.
  const auto size = std::filesystem::file_size(path, status);
  piece_bytes_ = status || size == 0 || size >= kReadBytes ? kReadBytes : size + 1;
}

bool TextBlocks::fill() {
  const auto kept = buffer_.size();
  buffer_.resize(kept + piece_bytes_);
  const auto count = std::fread(buffer_.data() + kept, 1, piece_bytes_, file_.get());
  buffer_.resize(kept + count);
  if (std::ferror(file_.get()) != 0) {
    throw InputError("{}: cannot be read to its end: {}", path_,
                     std::generic_category().message(errno));
  }
  if (bytes_read_ == 0 && buffer_.starts_with(kByteOrderMark)) {
    buffer_.erase(0, kByteOrderMark.size());
  }
  bytes_read_ += count;
  return count > 0;
}

bool TextBlocks::next(std::string_view& block) {
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  while (fill()) {
    const auto last = buffer_.rfind('\n');
    if (last != std::string::npos) {
      consumed_ = last + 1;
      block = std::string_view(buffer_).substr(0, consumed_);
      return true;
    }
    if (buffer_.size() > kLongestLine) {
      throw InputError("{}: has a line of more than {} bytes: is it a text file?", path_,
                       kLongestLine);
    }
  }
  consumed_ = buffer_.size();
  block = buffer_;
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

std::string read_text(const std::filesystem::path& path) {
  TextBlocks blocks(path);
  std::string text;
  for (std::string_view block; blocks.next(block);) text += block;
  return text;
}

}  // namespace nnrec::io
