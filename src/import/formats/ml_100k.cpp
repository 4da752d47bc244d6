// MovieLens 100K: u.data in tabs, u.item with a flag a genre (Latin-1), u.user, u.genre.
#include <algorithm>
#include <array>

#include "formats.hpp"
#include "import/catalogue_lines.hpp"

namespace nnrec::importing {
namespace {

/// Those of u.genre, for a set that comes without it.
constexpr std::array kGenres{"unknown",   "Action",   "Adventure",   "Animation", "Children's",
                             "Comedy",    "Crime",    "Documentary", "Drama",     "Fantasy",
                             "Film-Noir", "Horror",   "Musical",     "Mystery",   "Romance",
                             "Sci-Fi",    "Thriller", "War",         "Western"};

/// name|number.
std::uint64_t parse_genres(std::string_view text, const std::string& label,
                           RawCatalogue& catalogue) {
  return for_each_line(text, label, "|", [&](const CatalogueLine& line, std::string_view) {
    line.require_fields(line.fields.size() == 2, "2");
    // The number in the file is the flag's place in u.item.
    if (line.value<std::size_t>(1, "genre number") != catalogue.genres.size()) {
      line.fail(1, "genre number", fmt::format("is not {}", catalogue.genres.size()));
    }
    catalogue.genres.emplace_back(line[0]);
  });
}

std::vector<std::uint32_t> flagged(const CatalogueLine& line, std::size_t first,
                                   std::size_t count) {
  std::vector<std::uint32_t> list;
  for (std::uint32_t genre = 0; genre < count; ++genre) {
    const auto flag = line[first + genre];
    if (flag == "1") {
      list.push_back(genre);
    } else if (flag != "0") {
      line.fail(first + genre, "genre flag", "is not 0 or 1");
    }
  }
  return list;
}

/// id|title|released|video released|url|flags.
std::uint64_t parse_items(std::string_view text, const std::string& label,
                          RawCatalogue& catalogue) {
  constexpr std::size_t kFirstGenre = 5;
  const auto genres = catalogue.genres.size();
  return for_each_line(text, label, "|", [&](const CatalogueLine& line, std::string_view) {
    line.require_fields(line.fields.size() == kFirstGenre + genres,
                        std::to_string(kFirstGenre + genres));
    catalogue.items.push_back(
        {line.id("item"), std::string(line[1]), flagged(line, kFirstGenre, genres)});
  });
}

/// id|age|gender|occupation|zip code.
std::uint64_t parse_users(std::string_view text, const std::string& label,
                          RawCatalogue& catalogue) {
  return for_each_line(text, label, "|", [&](const CatalogueLine& line, std::string_view) {
    line.require_fields(line.fields.size() == 5, "5");
    catalogue.users.push_back({line.id("user"), line.age(1), std::string(line[3]),
                               gender_of(line[2]), zip_area(line[4])});
  });
}

class MovieLens100K : public Format {
 public:
  std::string_view name() const override { return "ml-100k"; }
  std::string_view about() const override { return "MovieLens 100K"; }
  bool is_rating_file(std::string_view name) const override { return name == "u.data"; }
  /// u1.base to u5.test, ua.base, ub.test: the official folds, and those that people cut like them.
  bool is_part(std::string_view name) const override {
    return name.ends_with(".base") || name.ends_with(".test");
  }
  LayoutOptions with_own_layout(const LayoutOptions& options) const override {
    auto own = options;
    if (own.separator.empty()) own.separator += '\t';
    own.known_order = about();
    return own;
  }
  std::optional<shards::RatingScale> scale(const FileView&) const override {
    return shards::RatingScale{1, 5};
  }
  std::optional<std::string> recognise(const FileView& file,
                                       const LayoutOptions& options) const override {
    const bool own_name = is_rating_file(file.name());
    if (!own_name && !file.has_beside("u.data") && !file.has_beside("u.item")) return std::nullopt;
    if (!own_layout(file, options)) return std::nullopt;
    return fmt::format("ratings between tabs, {}",
                       own_name ? "and its name is u.data" : "and u.data or u.item lies beside it");
  }
  RawCatalogue read_catalogue(SideFiles& files) const override {
    RawCatalogue catalogue;
    const auto read = [&](const char* name, const auto& parse) {
      return files.read(name, [&](std::string_view text, const std::string& label) {
        return parse(text, label, catalogue);
      });
    };
    if (!read("u.genre", parse_genres)) catalogue.genres.assign(kGenres.begin(), kGenres.end());
    if (!read("u.item", parse_items)) catalogue.genres.clear();
    read("u.user", parse_users);
    return catalogue;
  }
};

}  // namespace

const Format& ml_100k() {
  static const MovieLens100K format;
  return format;
}

}  // namespace nnrec::importing
