#include "layouts.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "nnrec/base/error.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::synthetic {
namespace {

/// Requires: only letters that Latin-1 has, which UTF-8 writes as C2 xx or C3 xx.
std::string latin1(const std::string& utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      text += utf8[i];
      continue;
    }
    const auto low = static_cast<unsigned char>(utf8.at(++i)) & 0x3FU;
    text += static_cast<char>(((byte & 3U) << 6) | low);
  }
  return text;
}

std::string genre_names(const SyntheticItem& item) {
  std::string names;
  for (const auto genre : item.genres)
    names += (names.empty() ? "" : "|") + synthetic_genres()[genre];
  return names;
}

void write_flagged_items(const SyntheticSet& set, SyntheticTextFile& file) {
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    const auto item = set.item(i);
    std::string flags;
    for (std::size_t genre = 0, next = 0; genre < synthetic_genres().size(); ++genre) {
      const bool has = next < item.genres.size() && item.genres[next] == genre;
      if (has) ++next;
      flags += has ? "|1" : "|0";
    }
    // The two empty columns are the date of the video and the address of a page about it.
    file.print("{}|{}|01-Jan-{}||{}\n", i + 1, latin1(item.title), item.year, flags);
  }
}

void write_users(const SyntheticSet& set, SyntheticTextFile& file) {
  for (std::uint64_t i = 0; i < set.options().users; ++i) {
    const auto user = set.user(i);
    file.print("{}|{}|{}|{}|{}\n", i + 1, user.age, user.gender,
               synthetic_occupations()[user.occupation], user.zip_code);
  }
}

void write_genres(const SyntheticSet&, SyntheticTextFile& file) {
  for (std::size_t i = 0; i < synthetic_genres().size(); ++i)
    file.print("{}|{}\n", synthetic_genres()[i], i);
}

void write_occupations(const SyntheticSet&, SyntheticTextFile& file) {
  for (const auto& occupation : synthetic_occupations()) file.print("{}\n", occupation);
}

void write_counts(const SyntheticSet& set, SyntheticTextFile& file) {
  const auto& options = set.options();
  file.print("{} users\n{} items\n{} ratings\n", options.users, options.items, options.ratings);
}

void write_latin1_movies(const SyntheticSet& set, SyntheticTextFile& file) {
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    const auto item = set.item(i);
    file.print("{}::{}::{}\n", i + 1, latin1(item.title), genre_names(item));
  }
}

void write_coded_users(const SyntheticSet& set, SyntheticTextFile& file) {
  // MovieLens 1M names an age by the lower end of its range; occupations are numbers.
  constexpr std::array kAges{1, 18, 25, 35, 45, 50, 56};
  for (std::uint64_t i = 0; i < set.options().users; ++i) {
    const auto user = set.user(i);
    const auto age = *(std::upper_bound(kAges.begin(), kAges.end(), user.age) - 1);
    file.print("{}::{}::{}::{}::{}\n", i + 1, user.gender, age, user.occupation, user.zip_code);
  }
}

void write_csv_movies(const SyntheticSet& set, SyntheticTextFile& file) {
  file.print("movieId,title,genres\n");
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    const auto item = set.item(i);
    file.print("{},{},{}\n", i + 1, csv_field(item.title), genre_names(item));
  }
}

void write_tweeted_movies(const SyntheticSet& set, SyntheticTextFile& file) {
  for (std::uint64_t i = 0; i < set.options().items; ++i) {
    const auto item = set.item(i);
    file.print("{:07}::{}::{}\n", i + 1, item.title, genre_names(item));
  }
}

}  // namespace

const LayoutStyle& style_of(SyntheticLayout layout) {
  static const LayoutStyle movielens_100k{"u.data",
                                          "",
                                          "\t",
                                          1,
                                          0,
                                          {{"u.item", write_flagged_items},
                                           {"u.user", write_users},
                                           {"u.genre", write_genres},
                                           {"u.occupation", write_occupations},
                                           {"u.info", write_counts}}};
  static const LayoutStyle movielens_1m{
      "ratings.dat",
      "",
      "::",
      1,
      0,
      {{"movies.dat", write_latin1_movies}, {"users.dat", write_coded_users}}};
  static const LayoutStyle csv{"ratings.csv",
                               "userId,movieId,rating,timestamp\n",
                               ",",
                               1,
                               1,
                               {{"movies.csv", write_csv_movies}}};
  static const LayoutStyle movietweetings{
      "ratings.dat", "", "::", 7, 0, {{"movies.dat", write_tweeted_movies}}};
  switch (layout) {
    case SyntheticLayout::movielens_100k:
      return movielens_100k;
    case SyntheticLayout::movielens_1m:
      return movielens_1m;
    case SyntheticLayout::csv:
      return csv;
    case SyntheticLayout::movietweetings:
      return movietweetings;
  }
  throw InternalError("synthetic layout {} is not known", static_cast<int>(layout));
}

}  // namespace nnrec::synthetic
