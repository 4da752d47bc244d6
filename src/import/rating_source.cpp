#include "nnrec/import/rating_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/import/catalogue_reader.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "line_parser.hpp"

namespace nnrec::import {
namespace {

constexpr std::size_t kHeadBytes = 1 << 18;

/// A format is one line here; beside "delimited" it has a separator, a catalogue and a scale.
struct Format {
  const char* name;
  const char* separator;
  std::optional<shards::RatingScale> scale;
};
const std::array<Format, 6> kFormats{{
    {"ml-100k", "\t", shards::RatingScale{1, 5}},
    {"ml-1m", "::", shards::RatingScale{1, 5}},
    {"ml-10m", "::", shards::RatingScale{0.5, 5}},
    {"ml-csv", ",", shards::RatingScale{0.5, 5}},
    {"movietweetings", "::", shards::RatingScale{0, 10}},
    {"delimited", "", std::nullopt},
}};

const Format& format_of(const std::string& name) {
  for (const auto& format : kFormats) {
    if (name == format.name) return format;
  }
  throw UsageError("--format {} is unknown. Use auto or one of: {}.", name,
                   fmt::join(source_formats(), ", "));
}

/// What the values of a file's first lines show.
struct Glance {
  bool off_five = false;      ///< a rating of 0, or above 5
  bool fraction = false;      ///< a rating that is no whole number
  bool leading_zero = false;  ///< an item id like 0104257
};

Glance glance(std::string_view head, const RatingLayout& layout) {
  Glance seen;
  LineParser parser(layout, {});
  LineRating rating;
  LineFault fault;
  for (std::string_view line; io::take_line(head, line);) {
    if (!parser.parse(line, rating, fault)) continue;
    seen.off_five = seen.off_five || rating.rating > 5 || rating.rating == 0;
    seen.fraction = seen.fraction || rating.rating != std::floor(rating.rating);
    seen.leading_zero = seen.leading_zero || (rating.item.size() > 1 && rating.item[0] == '0');
  }
  return seen;
}

/// A file of ratings alone is "delimited": what is beside it tells the formats.
std::string recognise(std::string_view head, const RatingLayout& layout,
                      const io::InputTree& tree) {
  if (layout.separator == "\t" && tree.has("u.data")) return "ml-100k";
  if (layout.separator == "\t" && tree.has("u.item")) return "ml-100k";
  if (layout.separator == "," && tree.has("movies.csv") && head.starts_with("userId,movieId,")) {
    return "ml-csv";
  }
  if (layout.separator != "::" || !tree.has("movies.dat")) return "delimited";
  const auto seen = glance(head, layout);
  if (seen.off_five || seen.leading_zero) return "movietweetings";
  return seen.fraction ? "ml-10m" : "ml-1m";
}

/// The file of ratings in a folder or archive. Throws InputError listing what there is.
std::string usual_file(const io::InputTree& tree) {
  if (!tree.given_file().empty()) return tree.given_file();
  for (const char* name : {"u.data", "ratings.dat", "ratings.csv"}) {
    if (tree.has(name)) return name;
  }
  auto names = tree.names();
  if (names.size() == 1) return names.front();
  auto ratings = names;
  std::erase_if(ratings, [](const std::string& name) { return !name.starts_with("ratings"); });
  if (ratings.size() == 1) return ratings.front();
  constexpr std::size_t kNamesToList = 12;
  names.resize(std::min(names.size(), kNamesToList));
  throw InputError(
      "{}: {} (u.data, ratings.dat, ratings.csv). It has: {}. Give the file itself to --input.",
      tree.label(""), ratings.empty() ? "has no file of ratings" : "has several files of ratings",
      fmt::join(names, ", "));
}

RatingFile rating_file(const std::shared_ptr<io::InputTree>& tree, const std::string& name) {
  return {std::filesystem::path(name).filename().string(),
          tree->label(name),
          [tree, name] { return tree->open(name); },
          {}};
}

void require_same_columns(const RatingFile& file, const RatingFile& first) {
  auto layout = file.layout;
  layout.header = first.layout.header;  // A file may come without.
  if (layout == first.layout) return;
  throw InputError(
      "{}: its columns ({}) are not those of {} ({}). Files given together must agree.", file.label,
      file.layout.description(), first.label, first.layout.description());
}

}  // namespace

std::vector<std::string> source_formats() {
  std::vector<std::string> names;
  for (const auto& format : kFormats) names.emplace_back(format.name);
  return names;
}

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
  const bool look = options.format == "auto";
  auto layout = options.layout;
  if (!look && layout.separator.empty()) layout.separator = format_of(options.format).separator;
  for (auto& file : files_) {
    const auto head = head_of(file);
    file.layout = find_layout(head, layout, file.label);
    require_same_columns(file, files_.front());
    if (&file != &files_.front()) continue;
    format_ = look ? recognise(head, file.layout, *trees_.front()) : options.format;
  }
  scale_ = format_of(format_).scale;
}

std::string RatingSource::description() const {
  return fmt::format("{} ({})", format_, files_.front().layout.description());
}

template <typename Parse>
bool RatingSource::parse_file(const char* name, RawCatalogue& catalogue,
                              std::vector<SourceFile>& read, const Parse& parse) const {
  const auto& tree = *trees_.front();
  if (!tree.has(name)) return false;
  const auto whole = io::read_all(*tree.open(name));
  std::string text(io::without_byte_order_mark(whole));
  const auto label = tree.label(name);
  const bool utf8 = encoding_ != Encoding::latin1 && is_utf8(text);
  if (!utf8 && encoding_ == Encoding::utf8) {
    throw InputError("{}: is not UTF-8. Leave --encoding out, or use --encoding latin-1.", label);
  }
  if (!utf8) text = latin1_to_utf8(text);
  const auto lines = parse(text, label, catalogue);
  read.push_back({name, whole.size(), lines, utf8 ? "UTF-8" : "Latin-1"});
  return true;
}

RawCatalogue RatingSource::read_catalogue(std::vector<SourceFile>& read) const {
  RawCatalogue catalogue;
  if (format_ == "ml-100k") {
    if (!parse_file("u.genre", catalogue, read, parse_100k_genres)) add_100k_genres(catalogue);
    if (!parse_file("u.item", catalogue, read, parse_100k_items)) catalogue.genres.clear();
    parse_file("u.user", catalogue, read, parse_100k_users);
  } else if (format_ == "ml-csv") {
    parse_file("movies.csv", catalogue, read, parse_csv_movies);
  } else if (format_ != "delimited") {
    parse_file("movies.dat", catalogue, read, parse_dat_movies);
    parse_file("users.dat", catalogue, read, parse_dat_users);
  }
  return catalogue;
}

}  // namespace nnrec::import
