#include "nnrec/import/rating_source.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "file_choice.hpp"

namespace nnrec::importing {
namespace {

/// Of many files, as many say why they are read so.
constexpr std::size_t kFilesToExplain = 8;

/// The files beside one, in the encoding that was asked for.
class TreeSideFiles : public SideFiles {
 public:
  TreeSideFiles(std::shared_ptr<const io::InputTree> tree, std::string path, Encoding encoding,
                std::vector<SourceFile>& read)
      : tree_(std::move(tree)), path_(std::move(path)), encoding_(encoding), read_(read) {}

  bool read(const std::string& name, const Parse& parse) override {
    const auto path = io::beside(path_, name);
    if (!tree_->has(path)) return false;
    const FileView view(tree_, path);
    const auto whole = io::read_all(*view.open());
    std::string text(io::without_byte_order_mark(whole));
    const auto label = view.label();
    const bool utf8 = encoding_ != Encoding::latin1 && is_utf8(text);
    if (!utf8 && encoding_ == Encoding::utf8) {
      throw InputError("{}: is not UTF-8. Leave --encoding out, or use --encoding latin-1.", label);
    }
    if (!utf8) text = latin1_to_utf8(text);
    const auto lines = parse(text, label);
    read_.push_back({name, label, whole.size(), lines, utf8 ? "UTF-8" : "Latin-1"});
    return true;
  }
  std::string rating_file() const override { return path_.substr(path_.rfind('/') + 1); }

 private:
  std::shared_ptr<const io::InputTree> tree_;
  std::string path_;
  Encoding encoding_;
  std::vector<SourceFile>& read_;
};

}  // namespace

RatingSource::RatingSource(const SourceOptions& options) : encoding_(options.encoding) {
  for (const auto& input : options.inputs) {
    trees_.push_back(std::make_shared<io::InputTree>(input));
  }
  const Told told{options.format == "auto" ? nullptr : &find_format(options.format),
                  options.layout};
  for (const auto& name : options.rating_files) {
    auto chosen = choose_format(FileView(trees_.front(), trees_.front()->find(name)), told);
    add(chosen.view, *chosen.format, chosen.evidence, options.layout);
  }
  if (!files_.empty()) return;
  for (const auto& tree : trees_) {
    for (const auto& chosen : choose_files(tree, told)) {
      add(chosen.view, *chosen.format, chosen.evidence, options.layout);
    }
  }
}

void RatingSource::add(const FileView& view, const Format& format, const std::string& evidence,
                       const LayoutOptions& options) {
  auto file = format.read(view, options);
  if (!labels_.insert(file.label).second) {
    throw UsageError("{} is given twice. Name it once.", file.label);
  }
  const bool first = format_ == nullptr;
  // Files that are written alike share a reader, and say so once.
  const bool alike = !first && file.reader->description() == files_.front().reader->description();
  if (alike) file.reader = files_.front().reader;
  if (files_.size() < kFilesToExplain && !alike) {
    evidence_.push_back(fmt::format("{}: {}, {}", file.name, format.name(), evidence));
    for (const auto& sentence : file.reader->evidence()) evidence_.push_back(sentence);
  }
  if (!view.form().is_plain() && view.is_text()) {
    evidence_.push_back(fmt::format("{}: {}", file.name, view.form().description()));
  }
  files_.push_back(std::move(file));
  if (!first) return;
  format_ = &format;
  first_path_ = view.path();
  scale_ = format.scale(view);
}

std::string RatingSource::description() const {
  return fmt::format("{} ({})", format(), files_.front().reader->description());
}

RawCatalogue RatingSource::read_catalogue(std::vector<SourceFile>& read) const {
  TreeSideFiles files(trees_.front(), first_path_, encoding_, read);
  return format_->read_catalogue(files);
}

std::vector<std::string> RatingSource::left_aside(const std::vector<SourceFile>& read) const {
  std::vector<std::string> left;
  for (const auto& tree : trees_) {
    for (const auto& path : tree->paths()) {
      const auto label = tree->label(path);
      const bool used = std::any_of(read.begin(), read.end(),
                                    [&](const SourceFile& file) { return file.label == label; });
      if (!used) left.push_back(path);
    }
  }
  return left;
}

}  // namespace nnrec::importing
