// Matrix Market's coordinate files: a banner, comments, "rows columns entries", then a line an
// entry.
#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "formats.hpp"
#include "import/field_values.hpp"
#include "import/rating_sink.hpp"

namespace nnrec::importing {
namespace {

constexpr std::string_view kBanner = "%%MatrixMarket";
/// The context of a block that begins before the line of sizes.
constexpr const char* kInHeader = "header";

struct Sizes {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::uint64_t entries = 0;
};

/// The words of a line. Returns how many there are; more than four count as four.
std::size_t cut_words(std::string_view line, std::array<std::string_view, 4>& words) {
  constexpr std::string_view kBlank = " \t\r";
  std::size_t count = 0;
  while (count < words.size()) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
    if (line.empty()) break;
    const auto word = line.substr(0, line.find_first_of(kBlank));
    words[count++] = word;
    line.remove_prefix(word.size());
  }
  return count;
}

bool says_nothing(std::string_view line) {
  return line.starts_with('%') || trimmed(line).empty();
}

/// The banner must say: matrix coordinate real|integer general.
void require_ratings(std::string_view banner, const std::string& label) {
  const std::string words = lower_case(banner.substr(kBanner.size()));
  std::array<std::string_view, 4> kind;
  const auto count = cut_words(words, kind);
  const auto refuse = [&](const char* what) {
    throw InputError("{}:1: {} {}. Write it as: matrix coordinate real general.", label,
                     escaped(banner), what);
  };
  if (count < 4 || kind[0] != "matrix") refuse("is no banner of a matrix");
  if (kind[1] != "coordinate") refuse("has every cell, and none is known to be no rating");
  if (kind[2] == "pattern") refuse("has no values, so no ratings");
  if (kind[2] != "real" && kind[2] != "integer") refuse("has values that are no ratings");
  if (kind[3] != "general") refuse("is a matrix whose rows are its columns, not users by items");
}

/// Checks the banner; returns the sizes.
Sizes read_header(const TextHead& head, const std::string& label) {
  auto text = head.text;
  std::string_view line;
  io::take_line(text, line);
  if (!line.starts_with(kBanner)) {
    throw InputError("{}:1: does not begin with {}. Add the banner.", label, kBanner);
  }
  require_ratings(line, label);
  for (std::uint64_t number = 2; io::take_line(text, line); ++number) {
    if (says_nothing(line)) continue;
    std::array<std::string_view, 4> words;
    std::array<std::optional<std::uint64_t>, 3> values;
    const auto count = cut_words(line, words);
    for (std::size_t at = 0; at < 3 && at < count; ++at) {
      values[at] = parse_number<std::uint64_t>(words[at]);
    }
    if (count == 3 && values[0] && values[1] && values[2]) {
      return {*values[0], *values[1], *values[2]};
    }
    throw InputError("{}:{}: {} is not \"rows columns entries\". Correct the line.", label, number,
                     escaped(line));
  }
  throw InputError("{}: has no line of \"rows columns entries\". Is the file whole?", label);
}

class MatrixCutter : public RecordCutter {
 public:
  explicit MatrixCutter(std::uint64_t entries) : promised_(entries) {}
  std::string context_of(std::string_view block) override {
    const bool in_header = !has_sizes_;
    for (std::string_view line; io::take_line(block, line);) {
      if (says_nothing(line)) continue;
      seen_ += has_sizes_ ? 1 : 0;
      has_sizes_ = true;
    }
    return in_header ? kInHeader : "";
  }
  void end(const std::string& label) const override {
    if (seen_ == promised_) return;
    throw InputError("{}: has {} entries, and says that it has {}. Is the file whole?", label,
                     seen_, promised_);
  }

 private:
  std::uint64_t promised_;
  std::uint64_t seen_ = 0;
  bool has_sizes_ = false;
};

class MatrixParser : public RecordParser {
 public:
  MatrixParser(const Sizes& sizes, const RatingRules& rules) : sizes_(sizes), values_(rules, {}) {}

  void parse(const RatingBlock& block, RatingSink& sink) override {
    bool in_header = block.context == kInHeader;
    std::string_view text = block.text;
    for (std::string_view line; io::take_line(text, line);) {
      if (says_nothing(line) || in_header) {
        in_header = in_header && says_nothing(line);
        sink.skip_lines(1);
        continue;
      }
      sink.next_record();
      sink.take(line, [&](LineRating& rating, LineFault& fault) {
        return parse_entry(line, rating, fault);
      });
    }
  }

 private:
  bool parse_entry(std::string_view line, LineRating& rating, LineFault& fault) {
    std::array<std::string_view, 4> words;
    const auto count = cut_words(line, words);
    if (count != 3) {
      fault = {0, fmt::format("{} is not \"row column value\"", escaped(line))};
      return false;
    }
    const FieldPlace place{2, "rating"};
    return is_within({0, "row"}, words[0], sizes_.rows, fault) &&
           is_within({1, "column"}, words[1], sizes_.columns, fault) &&
           values_.user({0, "user"}, words[0], rating, fault) &&
           values_.item({1, "item"}, words[1], rating, fault) &&
           values_.rating(place, words[2], rating, fault) && values_.on_scale(place, rating, fault);
  }
  static bool is_within(FieldPlace place, std::string_view text, std::uint64_t most,
                        LineFault& fault) {
    const auto number = parse_number<std::uint64_t>(text);
    if (number && *number >= 1 && *number <= most) return true;
    fault = {place.column, fmt::format("{} = {} is not in 1..{}", place.name, escaped(text), most)};
    return false;
  }

  Sizes sizes_;
  FieldValues values_;
};

class MatrixReader : public RatingReader {
 public:
  explicit MatrixReader(const Sizes& sizes) : sizes_(sizes) {}
  std::string description() const override {
    return fmt::format("{} rows are users, {} columns items", sizes_.rows, sizes_.columns);
  }
  bool has_time() const override { return false; }
  std::unique_ptr<RecordCutter> cutter() const override {
    return std::make_unique<MatrixCutter>(sizes_.entries);
  }
  std::unique_ptr<RecordParser> parser(const RatingRules& rules) const override {
    return std::make_unique<MatrixParser>(sizes_, rules);
  }
  std::optional<std::uint64_t> records() const override { return sizes_.entries; }

 private:
  Sizes sizes_;
};

class MatrixMarket : public Format {
 public:
  std::string_view name() const override { return "matrix-market"; }
  std::string_view about() const override { return "Matrix Market, rows are users"; }
  bool is_written_so(const FileView& file) const override {
    return file.head().text.starts_with(kBanner);
  }
  std::optional<std::string> recognise(const FileView& file, const LayoutOptions&) const override {
    if (!is_written_so(file)) return std::nullopt;
    try {
      read_header(file.head(), file.label());
    } catch (const InputError&) {
      return std::nullopt;  // Why is said where the file is the only one.
    }
    return fmt::format("it begins with {}", kBanner);
  }
  RatingFile read(const FileView& file, const LayoutOptions& options) const override {
    require_unsaid(options, {"separator", "columns", "decimal", "header", "time-format"},
                   "Matrix Market");
    const auto sizes = read_header(file.head(), file.label());
    return {file.name(), file.label(), [file] { return file.open(); },
            std::make_shared<MatrixReader>(sizes)};
  }
};

}  // namespace

const Format& matrix_market() {
  static const MatrixMarket format;
  return format;
}

}  // namespace nnrec::importing
