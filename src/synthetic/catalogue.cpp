#include "catalogue.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "nnrec/synthetic/synthetic.hpp"

#include "random.hpp"

namespace nnrec::synthetic {
namespace {

constexpr std::array<std::string_view, 44> kFirstWords{
    "Silent",   "Crimson",  "Golden",  "Broken",  "Hidden",    "Distant", "Winter", "Summer",
    "Midnight", "Electric", "Paper",   "Velvet",  "Burning",   "Frozen",  "Secret", "Forgotten",
    "Little",   "Great",    "Last",    "First",   "Lonely",    "Wild",    "Quiet",  "Savage",
    "Gentle",   "Blue",     "Black",   "White",   "Red",       "Green",   "Iron",   "Glass",
    "Lost",     "Hollow",   "Perfect", "Strange", "Beautiful", "Dark",    "Bright", "Restless",
    "Café",     "Señor",    "Élan",    "Naïve"};
constexpr std::array<std::string_view, 40> kSecondWords{
    "River",  "Moon",    "Garden",  "Station", "Harbor",  "Highway", "Mountain", "City",
    "Letter", "Voyage",  "Promise", "Dream",   "Shadow",  "Mirror",  "Island",   "Orchard",
    "Engine", "Circus",  "Bride",   "Soldier", "Captain", "Dancer",  "Stranger", "Detective",
    "Thief",  "Queen",   "King",    "Wolf",    "Horse",   "Sparrow", "Storm",    "Fire",
    "Night",  "Morning", "Summer",  "Winter",  "Heart",   "Song",    "Game",     "Señorita"};

/// One item in 93 has the title of the item before it: MovieLens 100K's 1,682 items have 1,664.
constexpr std::uint64_t kSharedTitleEvery = 93;

std::uint64_t title_number(std::uint64_t item) {
  return item - (item + 1) / kSharedTitleEvery;
}

std::string title_text(std::uint64_t number, int year) {
  constexpr std::uint64_t kPairs = kFirstWords.size() * kSecondWords.size();
  const auto first = kFirstWords[number % kFirstWords.size()];
  const auto second = kSecondWords[number / kFirstWords.size() % kSecondWords.size()];
  const std::uint64_t part = number / kPairs;
  if (part == 0) return fmt::format("{} {}, The ({})", first, second, year);
  return fmt::format("{} {}, The: shards::Part {} ({})", first, second, part + 1, year);
}

}  // namespace

const std::vector<std::string>& synthetic_genres() {
  static const std::vector<std::string> genres{
      "unknown",     "Action", "Adventure", "Animation", "Children's", "Comedy",  "Crime",
      "Documentary", "Drama",  "Fantasy",   "Film-Noir", "Horror",     "Musical", "Mystery",
      "Romance",     "Sci-Fi", "Thriller",  "War",       "Western"};
  return genres;
}

const std::vector<std::string>& synthetic_occupations() {
  static const std::vector<std::string> occupations{
      "administrator", "artist",     "doctor",     "educator", "engineer",  "entertainment",
      "executive",     "healthcare", "homemaker",  "lawyer",   "librarian", "marketing",
      "none",          "other",      "programmer", "retired",  "salesman",  "scientist",
      "student",       "technician", "writer"};
  return occupations;
}

std::vector<std::uint32_t> synthetic_item_genres(std::uint64_t seed, std::uint64_t item) {
  const auto random = draws(seed, Draw::genres, item);
  const auto genres = static_cast<std::uint32_t>(synthetic_genres().size());
  // Mostly one or two; one item in 64 has six, one more than `complex` has slots for.
  const auto word = random.words(0);
  std::size_t count = 1 + word[0] % 2 + (word[1] % 4 == 0 ? 1 : 0);
  if (word[2] % 64 == 0) count = 6;
  std::vector<std::uint32_t> chosen;
  for (std::uint64_t draw = 1; chosen.size() < count; ++draw) {
    const auto genre = 1 + random.words(draw)[0] % (genres - 1);
    if (std::find(chosen.begin(), chosen.end(), genre) == chosen.end()) chosen.push_back(genre);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::uint64_t synthetic_title_word(std::uint64_t item) {
  return title_number(item) % kFirstWords.size();
}

SyntheticItem SyntheticSet::item(std::uint64_t item) const {
  SyntheticItem result;
  const auto number = title_number(item);
  const auto word = draws(options_.seed, Draw::year, number).words(0);
  // Later years are likelier, as in any catalogue.
  result.year = 1998 - static_cast<int>(std::min(word[0] % 68, word[1] % 68));
  result.title = title_text(number, result.year);
  result.genres = synthetic_item_genres(options_.seed, item);
  return result;
}

SyntheticUser SyntheticSet::user(std::uint64_t user) const {
  const auto random = draws(options_.seed, Draw::person, user);
  const auto word = random.words(0);
  SyntheticUser result;
  result.age = std::clamp(static_cast<int>(34 + 12 * bell(random, 1)), 7, 73);
  result.gender = word[0] % 100 < 71 ? 'M' : 'F';
  result.occupation = word[1] % static_cast<std::uint32_t>(synthetic_occupations().size());
  result.zip_code = fmt::format("{:05}", word[2] % 100'000);
  return result;
}

}  // namespace nnrec::synthetic
