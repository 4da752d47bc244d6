#include "nnrec/import/catalogue_reader.hpp"

#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "fields.hpp"

namespace nnrec::import {
namespace {

constexpr std::array kGenres100K{"unknown",   "Action",   "Adventure",   "Animation", "Children's",
                                 "Comedy",    "Crime",    "Documentary", "Drama",     "Fantasy",
                                 "Film-Noir", "Horror",   "Musical",     "Mystery",   "Romance",
                                 "Sci-Fi",    "Thriller", "War",         "Western"};
constexpr std::string_view kNoGenres = "(no genres listed)";

/// One line of a catalogue: its fields and their place for messages.
struct Line {
  const Fields& fields;
  const std::string& label;
  std::uint64_t number;

  std::string_view operator[](std::size_t column) const { return fields[column]; }
  [[noreturn]] void fail(std::size_t column, std::string_view name, std::string_view rule) const {
    throw InputError("{}:{}:{}: {} = {} {}. Correct or remove the line.", label, number, column + 1,
                     name, escaped(fields[column]), rule);
  }
  void require_fields(bool fits, std::string_view rule) const {
    if (fits) return;
    throw InputError("{}:{}:{}: the line has {} fields, not {}. Correct the line.", label, number,
                     fields.size(), fields.size(), rule);
  }
  std::string id(std::string_view name) const {
    if (fields[0].empty()) fail(0, name, "is empty");
    return std::string(fields[0]);
  }
  template <typename T>
  T value(std::size_t column, std::string_view name) const {
    const auto parsed = parse_number<T>(fields[column]);
    if (!parsed) fail(column, name, "is not a number that fits");
    return *parsed;
  }
};

/// Calls use(line) for each line that is not blank. Returns the number of such lines.
template <typename Use>
std::uint64_t for_each_line(std::string_view text, const std::string& label,
                            const std::string& separator, const Use& use) {
  Fields fields(separator);
  std::uint64_t number = 0;
  std::uint64_t lines = 0;
  for (std::string_view line; io::take_line(text, line);) {
    ++number;
    if (trimmed(line).empty()) continue;
    ++lines;
    fields.cut(line);
    use(Line{fields, label, number}, line);
  }
  return lines;
}

/// Genres in order of first appearance: "Comedy|Drama".
std::vector<std::uint32_t> genre_list(std::string_view text, std::vector<std::string>& genres) {
  std::vector<std::uint32_t> list;
  Fields names("|");
  names.cut(text);
  for (const auto name : names.all()) {
    if (name.empty() || name == kNoGenres) continue;
    auto found = std::find(genres.begin(), genres.end(), name);
    if (found == genres.end()) found = genres.insert(found, std::string(name));
    list.push_back(static_cast<std::uint32_t>(found - genres.begin()));
  }
  return list;
}

std::vector<std::uint32_t> flagged(const Line& line, std::size_t first, std::size_t count) {
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

float age_of(const Line& line, std::size_t column) {
  const auto age = line.value<float>(column, "age");
  if (!(age >= 0 && age <= 150)) line.fail(column, "age", "is outside 0..150 years");
  return age;
}

char gender_of(std::string_view text) {
  return text == "F" || text == "M" ? text[0] : '\0';
}

}  // namespace

void add_100k_genres(RawCatalogue& catalogue) {
  catalogue.genres.assign(kGenres100K.begin(), kGenres100K.end());
}

std::uint64_t parse_100k_genres(std::string_view text, const std::string& label,
                                RawCatalogue& catalogue) {
  return for_each_line(text, label, "|", [&](const Line& line, std::string_view) {
    line.require_fields(line.fields.size() == 2, "2");
    // The number in the file is the flag's place in u.item.
    if (line.value<std::size_t>(1, "genre number") != catalogue.genres.size()) {
      line.fail(1, "genre number", fmt::format("is not {}", catalogue.genres.size()));
    }
    catalogue.genres.emplace_back(line[0]);
  });
}

std::uint64_t parse_100k_items(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue) {
  constexpr std::size_t kFirstGenre = 5;
  const auto genres = catalogue.genres.size();
  return for_each_line(text, label, "|", [&](const Line& line, std::string_view) {
    line.require_fields(line.fields.size() == kFirstGenre + genres,
                        std::to_string(kFirstGenre + genres));
    catalogue.items.push_back(
        {line.id("item"), std::string(line[1]), flagged(line, kFirstGenre, genres)});
  });
}

std::uint64_t parse_100k_users(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue) {
  return for_each_line(text, label, "|", [&](const Line& line, std::string_view) {
    line.require_fields(line.fields.size() == 5, "5");
    catalogue.users.push_back(
        {line.id("user"), age_of(line, 1), std::string(line[3]), gender_of(line[2])});
  });
}

std::uint64_t parse_dat_movies(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue) {
  return for_each_line(text, label, "::", [&](const Line& line, std::string_view whole) {
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

std::uint64_t parse_dat_users(std::string_view text, const std::string& label,
                              RawCatalogue& catalogue) {
  return for_each_line(text, label, "::", [&](const Line& line, std::string_view) {
    if (line.fields.size() == 2) return;
    line.require_fields(line.fields.size() == 5, "5 separated by '::'");
    const auto gender = gender_of(line[1]);
    if (gender == '\0') line.fail(1, "gender", "is not F or M");
    line.value<std::uint32_t>(3, "occupation code");
    catalogue.users.push_back({line.id("user"), age_of(line, 2), std::string(line[3]), gender});
  });
}

std::uint64_t parse_csv_movies(std::string_view text, const std::string& label,
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
    const Line line{fields, label, number};
    line.require_fields(fields.size() == 3, "3 (movieId, title, genres)");
    if (lines == 0 && line[0] == "movieId") continue;
    ++lines;
    catalogue.items.push_back(
        {line.id("item"), std::string(line[1]), genre_list(line[2], catalogue.genres)});
  }
  return lines;
}

}  // namespace nnrec::import
