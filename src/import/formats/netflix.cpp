// The Netflix Prize: blocks of "MOVIE:" and below it "customer,rating,date" lines; movie_titles.csv
// in Latin-1, whose titles hold bare commas.
#include <algorithm>

#include "nnrec/base/error.hpp"

#include "formats.hpp"
#include "import/catalogue_lines.hpp"
#include "import/field_values.hpp"
#include "import/rating_sink.hpp"

namespace nnrec::importing {
namespace {

/// "12:" -> "12"; nothing for other lines.
std::string_view movie_of(std::string_view line) {
  line = trimmed(line);
  if (!line.ends_with(':')) return {};
  line.remove_suffix(1);
  return is_digits(line) ? line : std::string_view();
}

/// The last movie that is named in a text.
std::string_view last_movie(std::string_view text) {
  for (auto colon = text.rfind(':'); colon != std::string_view::npos;) {
    const auto start = text.rfind('\n', colon) + 1;
    const auto end = std::min(text.find('\n', colon), text.size());
    auto line = text.substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto movie = movie_of(line); !movie.empty()) return movie;
    colon = start == 0 ? std::string_view::npos : text.rfind(':', start - 1);
  }
  return {};
}

class NetflixCutter : public RecordCutter {
 public:
  /// The movie that its first lines belong to.
  std::string context_of(std::string_view block) override {
    auto before = movie_;
    if (const auto movie = last_movie(block); !movie.empty()) movie_ = movie;
    return before;
  }

 private:
  std::string movie_;
};

class NetflixParser : public RecordParser {
 public:
  explicit NetflixParser(const RatingRules& rules) : values_(rules, {}) {}

  void parse(const RatingBlock& block, RatingSink& sink) override {
    std::string_view movie = block.context;
    std::string_view text = block.text;
    for (std::string_view line; io::take_line(text, line);) {
      const auto next = movie_of(line);
      if (!next.empty()) movie = next;
      if (!next.empty() || trimmed(line).empty()) {
        sink.skip_lines(1);
        continue;
      }
      sink.next_record();
      sink.take(line, [&](LineRating& rating, LineFault& fault) {
        return parse_line(line, movie, rating, fault);
      });
    }
  }

  bool parse_line(std::string_view line, std::string_view movie, LineRating& rating,
                  LineFault& fault) {
    fields_.cut(line);
    if (fields_.size() != 3) {
      fault = {0, fmt::format("{} has {} fields, not customer,rating,date", escaped(line),
                              fields_.size())};
      return false;
    }
    if (movie.empty()) {
      fault = {
          0, fmt::format("{} has no line like \"12:\" above that names its movie", escaped(line))};
      return false;
    }
    const FieldPlace place{1, "rating"};
    return values_.user({0, "user"}, fields_[0], rating, fault) &&
           values_.item({0, "item"}, movie, rating, fault) &&
           values_.rating(place, fields_[1], rating, fault) &&
           values_.time({2, "time"}, fields_[2], rating, fault) &&
           values_.on_scale(place, rating, fault);
  }

 private:
  Fields fields_{","};
  FieldValues values_;
};

class NetflixReader : public RatingReader {
 public:
  std::string description() const override { return "customer,rating,date below MOVIE:"; }
  bool has_time() const override { return true; }
  std::unique_ptr<RecordCutter> cutter() const override {
    return std::make_unique<NetflixCutter>();
  }
  std::unique_ptr<RecordParser> parser(const RatingRules& rules) const override {
    return std::make_unique<NetflixParser>(rules);
  }
};

/// movie,year,title: what follows the second comma is the title, with the commas in it.
std::uint64_t parse_titles(std::string_view text, const std::string& label,
                           RawCatalogue& catalogue) {
  return for_each_line(text, label, ",", [&](const CatalogueLine& line, std::string_view whole) {
    line.require_fields(line.fields.size() >= 3, "3 (movie, year, title)");
    const auto begin = static_cast<std::size_t>(line[2].data() - whole.data());
    std::string title(trimmed(whole.substr(begin)));
    if (line[1] != "NULL") title += fmt::format(" ({})", line[1]);
    catalogue.items.push_back({line.id("item"), std::move(title), {}});
  });
}

class Netflix : public Format {
 public:
  std::string_view name() const override { return "netflix"; }
  std::string_view about() const override { return "Netflix Prize"; }
  bool is_rating_file(std::string_view name) const override {
    return name.ends_with(".txt") &&
           (name.starts_with("combined_data_") || name.starts_with("mv_"));
  }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 5};
  }
  /// The lists of the prize's own test are written so, too: they have no ratings.
  std::optional<std::string> recognise(const FileView& file, const LayoutOptions&) const override {
    auto text = file.head().text;
    std::string_view line;
    if (!file.is_text() || !io::take_line(text, line) || movie_of(line).empty())
      return std::nullopt;
    const auto movie = movie_of(line);
    NetflixParser parser({});
    LineRating rating;
    LineFault fault;
    if (!io::take_line(text, line) || !parser.parse_line(line, movie, rating, fault)) {
      return std::nullopt;
    }
    return fmt::format("it begins with \"{}:\" and below it customer,rating,date", movie);
  }
  RatingFile read(const FileView& file, const LayoutOptions& options) const override {
    require_unsaid(options, {"separator", "columns", "decimal", "header", "time-format"},
                   "Netflix Prize");
    static const auto reader = std::make_shared<const NetflixReader>();
    return {file.name(), file.label(), [file] { return file.open(); }, reader};
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    const auto parse = [&](std::string_view text, const std::string& label) {
      return parse_titles(text, label, catalogue);
    };
    // The original has them beside the folder of the ratings.
    for (const char* name : {"movie_titles.csv", "movie_titles.txt", "../movie_titles.txt"}) {
      if (files.read(name, parse)) break;
    }
    return catalogue;
  }
};

}  // namespace

const Format& netflix() {
  static const Netflix format;
  return format;
}

}  // namespace nnrec::importing
