// MovieLens since 2014 (latest, latest-small, 20M, 25M, 32M): CSV with a header, half stars.
#include "nnrec/import/column_names.hpp"

#include "formats.hpp"
#include "import/catalogue_lines.hpp"

namespace nnrec::importing {
namespace {

/// movies.csv: header movieId,title,genres; RFC 4180.
std::uint64_t parse_movies(std::string_view text, const std::string& label,
                           RawCatalogue& catalogue) {
  return for_each_record(
      text, label, {",", Quoting::rfc4180}, [&](const CatalogueLine& line, std::uint64_t number) {
        line.require_fields(line.fields.size() == 3, "3 (movieId, title, genres)");
        if (number == 0 && role_of(line[0]) == Role::item) {
          if (plain_name(line[1]) == "title" && plain_name(line[2]) == "genres") return false;
          line.fail(1, "column", "is not the title, with the genres behind it");
        }
        catalogue.items.push_back(
            {line.id("item"), std::string(line[1]), genre_list(line[2], catalogue.genres)});
        return true;
      });
}

class MovieLensCsv : public Format {
 public:
  std::string_view name() const override { return "ml-csv"; }
  std::string_view about() const override { return "MovieLens latest, 20M, 25M, 32M"; }
  bool is_rating_file(std::string_view name) const override { return name == "ratings.csv"; }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{0.5, 5};
  }
  std::optional<std::string> recognise(const FileView& file, const LayoutOptions&) const override {
    if (!file.has_beside("movies.csv") || !file.head().text.starts_with("userId,movieId,rating")) {
      return std::nullopt;
    }
    return "the header begins with userId,movieId,rating, and movies.csv lies beside it";
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

}  // namespace nnrec::importing
