// MovieLens since 2014 (latest, latest-small, 20M, 25M, 32M): CSV with a header, half stars.
#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"

#include "formats.hpp"
#include "import/catalogue_lines.hpp"

namespace nnrec::import {
namespace {

/// movies.csv: header movieId,title,genres; RFC 4180.
std::uint64_t parse_movies(std::string_view text, const std::string& label,
                           RawCatalogue& catalogue) {
  Fields fields(",", Fields::Quotes::rfc4180);
  std::uint64_t next_line = 1;
  std::uint64_t lines = 0;
  for (std::string_view record; !text.empty();) {
    const auto number = next_line;
    take_record(text, record, next_line);
    if (trimmed(record).empty()) continue;
    if (!fields.cut(record)) {
      throw InputError("{}:{}:{}: {} has a quote that is not closed. Correct the line.", label,
                       number, fields.size() + 1, escaped(record));
    }
    const CatalogueLine line{fields, label, number};
    line.require_fields(fields.size() == 3, "3 (movieId, title, genres)");
    if (lines == 0 && line[0] == "movieId") continue;
    ++lines;
    catalogue.items.push_back(
        {line.id("item"), std::string(line[1]), genre_list(line[2], catalogue.genres)});
  }
  return lines;
}

class MovieLensCsv : public Format {
 public:
  std::string_view name() const override { return "ml-csv"; }
  std::string_view about() const override { return "MovieLens latest, 20M, 25M, 32M"; }
  std::vector<std::string> usual_files() const override { return {"ratings.csv"}; }
  std::string separator() const override { return ","; }
  std::optional<shards::RatingScale> scale() const override { return shards::RatingScale{0.5, 5}; }
  std::optional<std::string> recognise(const RatingsView& view) const override {
    if (view.layout.separator != "," || !view.tree.has("movies.csv") ||
        !view.head.starts_with("userId,movieId,")) {
      return std::nullopt;
    }
    return "the header begins with userId,movieId and movies.csv lies beside it";
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    files.read("movies.csv", [&](std::string_view text, const std::string& label) {
      return parse_movies(text, label, catalogue);
    });
    return catalogue;
  }
};

}  // namespace

const Format& ml_csv() {
  static const MovieLensCsv format;
  return format;
}

}  // namespace nnrec::import
