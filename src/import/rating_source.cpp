#include "nnrec/import/rating_source.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

namespace nnrec::import {
namespace {

constexpr std::size_t kHeadBytes = 1 << 18;

/// The names that files of ratings have, a name once.
std::vector<std::string> usual_files() {
  std::vector<std::string> names;
  for (const auto* format : formats()) {
    for (auto& name : format->usual_files()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(std::move(name));
      }
    }
  }
  return names;
}

/// The format that says so first.
const Format& recognise(const RatingsView& view) {
  for (const auto* format : formats()) {
    if (format->recognise(view)) return *format;
  }
  throw InternalError("no format takes a file of ratings");
}

/// The file of ratings in a folder or archive. Throws InputError listing what there is.
std::string usual_file(const io::InputTree& tree) {
  if (!tree.given_file().empty()) return tree.given_file();
  const auto usual = usual_files();
  for (const auto& name : usual) {
    if (tree.has(name)) return name;
  }
  auto names = tree.names();
  if (names.size() == 1) return names.front();
  auto ratings = names;
  std::erase_if(ratings, [](const std::string& name) { return !name.starts_with("ratings"); });
  if (ratings.size() == 1) return ratings.front();
  constexpr std::size_t kNamesToList = 12;
  names.resize(std::min(names.size(), kNamesToList));
  throw InputError("{}: {} ({}). It has: {}. Give the file itself to --input.", tree.label(""),
                   ratings.empty() ? "has no file of ratings" : "has several files of ratings",
                   fmt::join(usual, ", "), fmt::join(names, ", "));
}

RatingFile rating_file(const std::shared_ptr<io::InputTree>& tree, const std::string& name) {
  return {std::filesystem::path(name).filename().string(),
          tree->label(name),
          [tree, name] { return tree->open(name); },
          {}};
}

/// The files of a tree, in the encoding that was asked for.
class TreeSideFiles : public SideFiles {
 public:
  TreeSideFiles(const io::InputTree& tree, Encoding encoding, std::vector<SourceFile>& read)
      : tree_(tree), encoding_(encoding), read_(read) {}

  bool read(const std::string& name, const Parse& parse) override {
    if (!tree_.has(name)) return false;
    const auto whole = io::read_all(*tree_.open(name));
    std::string text(io::without_byte_order_mark(whole));
    const auto label = tree_.label(name);
    const bool utf8 = encoding_ != Encoding::latin1 && is_utf8(text);
    if (!utf8 && encoding_ == Encoding::utf8) {
      throw InputError("{}: is not UTF-8. Leave --encoding out, or use --encoding latin-1.", label);
    }
    if (!utf8) text = latin1_to_utf8(text);
    const auto lines = parse(text, label);
    read_.push_back({name, whole.size(), lines, utf8 ? "UTF-8" : "Latin-1"});
    return true;
  }

 private:
  const io::InputTree& tree_;
  Encoding encoding_;
  std::vector<SourceFile>& read_;
};

void require_same_columns(const RatingFile& file, const RatingFile& first) {
  auto layout = file.layout;
  layout.header = first.layout.header;  // A file may come without.
  if (layout == first.layout) return;
  throw InputError(
      "{}: its columns ({}) are not those of {} ({}). Files given together must agree.", file.label,
      file.layout.description(), first.label, first.layout.description());
}

}  // namespace

RatingSource::RatingSource(const SourceOptions& options)
    : wanted_files_(options.rating_files), encoding_(options.encoding) {
  for (const auto& input : options.inputs) {
    trees_.push_back(std::make_shared<io::InputTree>(input));
  }
  choose_files();
  choose_format(options);
}

void RatingSource::choose_files() {
  if (!wanted_files_.empty()) {
    for (const auto& name : wanted_files_) files_.push_back(rating_file(trees_.front(), name));
    return;
  }
  for (const auto& tree : trees_) files_.push_back(rating_file(tree, usual_file(*tree)));
}

std::string RatingSource::head_of(const RatingFile& file) const {
  const auto source = file.open();
  std::string head(kHeadBytes, '\0');
  std::size_t size = 0;
  for (std::size_t count = 1; count > 0 && size < head.size(); size += count) {
    count = source->read(std::span(head).subspan(size));
  }
  head.resize(size);
  const auto last = head.rfind('\n');
  if (size == kHeadBytes && last != std::string::npos) head.resize(last + 1);
  return std::string(io::without_byte_order_mark(head));
}

void RatingSource::choose_format(const SourceOptions& options) {
  if (options.format != "auto") format_ = &find_format(options.format);
  auto layout = options.layout;
  if (format_ != nullptr && layout.separator.empty()) layout.separator = format_->separator();
  for (auto& file : files_) {
    const auto head = head_of(file);
    file.layout = find_layout(head, layout, file.label);
    require_same_columns(file, files_.front());
    if (format_ == nullptr) format_ = &recognise({*trees_.front(), head, file.layout});
  }
}

std::string RatingSource::description() const {
  return fmt::format("{} ({})", format(), files_.front().layout.description());
}

RawCatalogue RatingSource::read_catalogue(std::vector<SourceFile>& read) const {
  TreeSideFiles files(*trees_.front(), encoding_, read);
  return format_->read_catalogue(files);
}

}  // namespace nnrec::import
