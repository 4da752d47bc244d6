#include "movielens_100k.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "nnrec/io/text_blocks.hpp"

#include "fields.hpp"

namespace nnrec::data {
namespace {
namespace fs = std::filesystem;

enum RatingField : std::size_t { kUser, kItem, kRating, kTime, kRatingFields };
enum ItemField : std::size_t { kItemId, kTitle, kReleased, kVideoReleased, kUrl, kFirstGenre };
enum UserField : std::size_t { kUserId, kAge, kGender, kOccupation, kZipCode, kUserFields };

constexpr std::array kStandardGenres{
    "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
    "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
    "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};

/// Guesses what a line without tabs is separated by.
std::string_view separator_hint(std::string_view line) {
  if (line.find("::") != std::string_view::npos) return "It looks separated by '::'.";
  if (line.find(',') != std::string_view::npos) return "It looks separated by commas.";
  if (line.find(';') != std::string_view::npos) return "It looks separated by semicolons.";
  return "Is it a file of ratings?";
}

void require_rating_fields(const Fields& fields, std::string_view line) {
  if (fields.size() == kRatingFields) return;
  const auto column = std::min<std::size_t>(fields.size(), kRatingFields);
  throw InputError(
      "{}: {} has {} tab-separated fields, not the {} of ml-100k (user, item, rating, time). {}",
      fields.place(column - 1), escaped(line), fields.size(), +kRatingFields,
      fields.size() == 1 ? separator_hint(line) : "Correct or remove the line.");
}

RawRating parse_rating(const Fields& fields) {
  RawRating rating;
  rating.user = fields.id(kUser, "user");
  rating.item = fields.id(kItem, "item");
  rating.value = fields.number<float>(kRating, "rating");
  if (!std::isfinite(rating.value)) fields.fail(kRating, "rating", "is not finite");
  rating.timestamp = fields.number<std::int64_t>(kTime, "time");
  return rating;
}

std::vector<std::uint32_t> parse_flags(const Fields& fields, std::size_t count) {
  std::vector<std::uint32_t> genres;
  for (std::uint32_t genre = 0; genre < count; ++genre) {
    const auto flag = fields[kFirstGenre + genre];
    if (flag == "1") {
      genres.push_back(genre);
    } else if (flag != "0") {
      fields.fail(kFirstGenre + genre, "genre flag", "is not 0 or 1");
    }
  }
  return genres;
}

void require_fields(const Fields& fields, std::size_t count) {
  if (fields.size() == count) return;
  throw InputError("{}: the line has {} '|'-separated fields, not {}. Correct the line.",
                   fields.place(std::min(fields.size(), count) - 1), fields.size(), count);
}

/// Calls use(fields) for each line that is not blank. Returns the number of such lines.
template <typename Use>
std::uint64_t for_each_line(const std::string& path, std::string_view text, const Use& use) {
  Fields fields(path, '|');
  std::uint64_t number = 0;
  std::uint64_t lines = 0;
  for (std::string_view line; io::take_line(text, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    ++lines;
    fields.cut(line, number);
    use(fields);
  }
  return lines;
}

}  // namespace

bool MovieLens100K::recognises(const ReaderOptions& options) {
  if (fs::is_directory(options.input)) return fs::exists(options.input / "u.data");
  io::TextBlocks blocks(options.input);
  std::string_view block;
  std::string_view line;
  if (!blocks.next(block) || !io::take_line(block, line)) return false;
  return std::count(line.begin(), line.end(), '\t') == kRatingFields - 1;
}

MovieLens100K::MovieLens100K(const ReaderOptions& options) {
  if (!fs::is_directory(options.input)) {
    rating_files_.push_back(options.input);
    return;
  }
  folder_ = options.input;
  for (const auto& name : options.rating_files) rating_files_.push_back(folder_ / name);
  if (rating_files_.empty()) rating_files_.push_back(folder_ / "u.data");
}

void MovieLens100K::read_ratings(const Consumer& consume) {
  for (std::uint32_t index = 0; index < rating_files_.size(); ++index) {
    read_rating_file(index, consume);
  }
}

void MovieLens100K::read_rating_file(std::uint32_t index, const Consumer& consume) {
  const auto path = rating_files_[index].string();
  io::TextBlocks blocks(path);
  Fields fields(path, '\t');
  std::vector<RawRating> ratings;
  std::uint64_t number = 0;
  std::uint64_t total = 0;
  for (std::string_view block; blocks.next(block);) {
    ratings.clear();
    for (std::string_view line; io::take_line(block, line);) {
      ++number;
      if (trimmed(line).empty()) continue;
      fields.cut(line, number);
      require_rating_fields(fields, line);
      ratings.push_back(parse_rating(fields));
      ratings.back().file = index;
      ratings.back().line = number;
    }
    consume(ratings);
    total += ratings.size();
  }
  if (total == 0) throw InputError("{}: has no ratings", path);
  files_.push_back({rating_files_[index].filename().string(), blocks.bytes_read(), total, "UTF-8"});
}

std::string MovieLens100K::place(const RawRating& rating) const {
  return fmt::format("{}:{}:{}", rating_files_[rating.file].string(), rating.line, kRating + 1);
}

std::optional<std::string> MovieLens100K::read_catalogue_file(const std::string& name) {
  const auto path = folder_ / name;
  if (folder_.empty() || !fs::exists(path)) return std::nullopt;
  auto text = io::read_text(path);
  const auto bytes = text.size();
  const bool latin1 = !is_utf8(text);
  if (latin1) text = latin1_to_utf8(text);
  files_.push_back({name, bytes, 0, latin1 ? "Latin-1" : "UTF-8"});
  return text;
}

RawCatalogue MovieLens100K::read_catalogue() {
  RawCatalogue catalogue;
  catalogue.genres = read_genres();
  catalogue.items = read_items(catalogue.genres.size());
  if (catalogue.items.empty()) catalogue.genres.clear();
  catalogue.users = read_users();
  return catalogue;
}

std::vector<std::string> MovieLens100K::read_genres() {
  const auto text = read_catalogue_file("u.genre");
  if (!text) return {kStandardGenres.begin(), kStandardGenres.end()};
  std::vector<std::string> genres;
  files_.back().lines =
      for_each_line((folder_ / "u.genre").string(), *text, [&](const Fields& fields) {
        require_fields(fields, 2);
        // The number in the file is the flag's place in u.item.
        if (fields.number<std::size_t>(1, "genre number") != genres.size()) {
          fields.fail(1, "genre number", fmt::format("is not {}", genres.size()));
        }
        genres.emplace_back(fields[0]);
      });
  return genres;
}

std::vector<RawItem> MovieLens100K::read_items(std::size_t genre_count) {
  std::vector<RawItem> items;
  const auto text = read_catalogue_file("u.item");
  if (!text) return items;
  files_.back().lines =
      for_each_line((folder_ / "u.item").string(), *text, [&](const Fields& fields) {
        require_fields(fields, kFirstGenre + genre_count);
        items.push_back({std::string(fields.id(kItemId, "item")), std::string(fields[kTitle]),
                         parse_flags(fields, genre_count)});
      });
  return items;
}

std::vector<RawUser> MovieLens100K::read_users() {
  std::vector<RawUser> users;
  const auto text = read_catalogue_file("u.user");
  if (!text) return users;
  files_.back().lines =
      for_each_line((folder_ / "u.user").string(), *text, [&](const Fields& fields) {
        require_fields(fields, kUserFields);
        const auto age = fields.number<float>(kAge, "age");
        if (!(age >= 0 && age <= 150)) fields.fail(kAge, "age", "is outside 0..150 years");
        users.push_back(
            {std::string(fields.id(kUserId, "user")), age, std::string(fields[kOccupation])});
      });
  return users;
}

}  // namespace nnrec::data
