#include "nnrec/import/file_view.hpp"

#include "nnrec/io/text_blocks.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kHeadBytes = 1 << 18;
constexpr std::size_t kBytesToLookAt = 1 << 12;

}  // namespace

FileView::FileView(std::shared_ptr<const io::InputTree> tree, std::string path)
    : tree_(std::move(tree)), path_(std::move(path)) {
  bytes_ = io::read_head(*tree_->open(path_), kHeadBytes);
  form_ = io::form_of_text(bytes_);
  is_text_ = form_.code != io::TextForm::Code::bytes ||
             bytes_.substr(0, kBytesToLookAt).find('\0') == std::string::npos;
  if (is_text_) {
    head_ = form_.is_plain() ? bytes_ : io::read_head(*open(), kHeadBytes);
    whole_ = head_.size() < kHeadBytes;
    const auto last = head_.rfind('\n');
    if (!whole_ && last != std::string::npos) head_.resize(last + 1);
    head_ = io::without_byte_order_mark(head_);
  }
  bytes_.resize(std::min(bytes_.size(), kBytesToLookAt));
}

std::string FileView::name() const {
  return std::filesystem::path(path_).filename().string();
}

bool FileView::has_beside(std::string_view name) const {
  return tree_->has(io::beside(path_, name));
}

std::unique_ptr<io::ByteSource> FileView::open() const {
  return io::as_plain_text(form_, tree_->open(path_), label());
}

}  // namespace nnrec::importing
