#include "dat_files.hpp"

#include <cmath>

#include "nnrec/io/text_blocks.hpp"

#include "import/catalogue_lines.hpp"
#include "import/line_parser.hpp"

namespace nnrec::importing {
namespace {

/// id::title::genre|genre. Titles may contain "::".
std::uint64_t parse_movies(std::string_view text, const std::string& label,
                           RawCatalogue& catalogue) {
  return for_each_line(text, label, "::", [&](const CatalogueLine& line, std::string_view whole) {
    const auto fields = line.fields.size();
    line.require_fields(fields >= 2, "3 separated by '::'");
    const auto genres = fields > 2 ? line[fields - 1] : std::string_view();
    // All between the first and the last separator is the title.
    const auto* begin = line[1].data();
    const auto* end = fields > 2 ? line[fields - 2].data() + line[fields - 2].size()
                                 : whole.data() + whole.size();
    const std::string_view title(begin, static_cast<std::size_t>(end - begin));
    catalogue.items.push_back(
        {line.id("item"), std::string(trimmed(title)), genre_list(genres, catalogue.genres)});
  });
}

/// id::gender::age code::occupation code::zip code. A code of age is the first year of its range.
/// Lines of two fields (MovieTweetings) say nothing of use.
std::uint64_t parse_users(std::string_view text, const std::string& label,
                          RawCatalogue& catalogue) {
  return for_each_line(text, label, "::", [&](const CatalogueLine& line, std::string_view) {
    if (line.fields.size() == 2) return;
    line.require_fields(line.fields.size() == 5, "5 separated by '::'");
    const auto gender = gender_of(line[1]);
    if (gender == '\0') line.fail(1, "gender", "is not F or M");
    line.value<std::uint32_t>(3, "occupation code");
    catalogue.users.push_back(
        {line.id("user"), line.age(2), std::string(line[3]), gender, zip_area(line[4])});
  });
}

}  // namespace

RawCatalogue DatFormat::read_catalogue(SideFiles& files) const {
  RawCatalogue catalogue;
  files.read("movies.dat", [&](std::string_view text, const std::string& label) {
    return parse_movies(text, label, catalogue);
  });
  files.read("users.dat", [&](std::string_view text, const std::string& label) {
    return parse_users(text, label, catalogue);
  });
  return catalogue;
}

LayoutOptions DatFormat::with_own_layout(const LayoutOptions& options) const {
  auto own = options;
  if (own.separator.empty()) own.separator = "::";
  own.known_order = about();
  return own;
}

std::optional<DatFormat::Glance> DatFormat::glance(const FileView& file,
                                                   const LayoutOptions& options) const {
  if (!file.has_beside("movies.dat")) return std::nullopt;
  const auto layout = own_layout(file, options);
  if (!layout) return std::nullopt;
  Glance seen;
  LineParser parser(*layout, {});
  LineRating rating;
  LineFault fault;
  auto head = file.head().text;
  for (std::string_view line; io::take_line(head, line);) {
    if (!parser.parse(line, rating, fault)) continue;
    seen.off_five = seen.off_five || rating.rating > 5 || rating.rating == 0;
    seen.fraction = seen.fraction || rating.rating != std::floor(rating.rating);
    seen.leading_zero = seen.leading_zero || (rating.item.size() > 1 && rating.item[0] == '0');
  }
  return seen;
}

}  // namespace nnrec::importing
