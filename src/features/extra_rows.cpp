#include "nnrec/features/extra_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>

#include "nnrec/base/numbers.hpp"

namespace nnrec::features {
namespace {

/// 1 + the number of inner bounds of `bins` bins of equally many known values that are <= a value;
/// 0 where it is not known (NaN). Equal values are of one bin.
std::vector<std::uint32_t> bins_of(std::span<const float> values, std::size_t bins) {
  std::vector<float> known;
  for (const float value : values)
    if (!std::isnan(value)) known.push_back(value);
  if (known.empty()) return {};
  std::ranges::sort(known);
  std::vector<float> bounds;
  for (std::size_t bin = 1; bin < bins; ++bin) bounds.push_back(known[bin * known.size() / bins]);
  std::vector<std::uint32_t> rows;
  for (const float value : values) {
    const auto passed = std::ranges::upper_bound(bounds, value) - bounds.begin();
    rows.push_back(std::isnan(value) ? 0 : static_cast<std::uint32_t>(passed) + 1);
  }
  return rows;
}

std::vector<std::uint32_t> gender_rows(std::span<const std::uint8_t> genders) {
  std::vector<std::uint32_t> rows;
  for (const std::uint8_t gender : genders)
    rows.push_back(gender == 'F' ? 1 : gender == 'M' ? 2 : 0);
  const bool is_known = std::ranges::any_of(rows, [](std::uint32_t row) { return row > 0; });
  return is_known ? rows : std::vector<std::uint32_t>{};
}

/// 1 + the known values below a value; 0 where it is 0. `count`: of known values.
std::vector<std::uint32_t> rows_of_known(std::span<const std::uint8_t> values, std::size_t& count) {
  std::array<std::uint32_t, 256> row{};
  for (const std::uint8_t value : values) row[value] = 1;
  row[0] = 0;
  std::partial_sum(row.begin(), row.end(), row.begin());
  count = row.back();
  if (count == 0) return {};
  std::vector<std::uint32_t> rows;
  for (const std::uint8_t value : values) rows.push_back(row[value]);
  return rows;
}

std::vector<float> years_of(std::span<const std::string> titles) {
  std::vector<float> years;
  for (const std::string& title : titles) {
    const std::uint32_t year = title_year(title);
    years.push_back(year == 0 ? std::nanf("") : static_cast<float>(year));
  }
  return years;
}

/// Words are numbered by falling frequency, so those that occur again come first.
std::size_t count_repeated(const shards::Catalogue& catalogue) {
  std::vector<std::uint32_t> seen(catalogue.words.size(), 0);
  for (const std::uint32_t word : catalogue.title_words.values) ++seen[word];
  return static_cast<std::size_t>(
      std::ranges::count_if(seen, [](std::uint32_t times) { return times >= 2; }));
}

/// The members below `most`, each as its row.
shards::ListColumn rows_below(const shards::ListColumn& lists, std::size_t most) {
  shards::ListColumn rows;
  for (std::size_t list = 0; list + 1 < lists.offsets.size(); ++list) {
    for (std::uint64_t i = lists.offsets[list]; i < lists.offsets[list + 1]; ++i) {
      if (lists.values[i] < most) rows.values.push_back(lists.values[i] + 1);
    }
    rows.offsets.push_back(rows.values.size());
  }
  return rows;
}

}  // namespace

std::uint32_t title_year(std::string_view title) {
  constexpr std::size_t kLength = 6;  // "(1995)"
  while (title.ends_with(' ')) title.remove_suffix(1);
  if (title.size() < kLength || !title.ends_with(')')) return 0;
  title.remove_prefix(title.size() - kLength);
  if (!title.starts_with('(')) return 0;
  return parse_number<std::uint32_t>(title.substr(1, 4)).value_or(0);
}

ExtraRows::ExtraRows(const shards::Catalogue& catalogue)
    : age_bin(bins_of(catalogue.user_ages, kAgeBins)),
      gender(gender_rows(catalogue.user_genders)),
      year_bin(bins_of(years_of(catalogue.titles), kYearBins)) {
  for (const std::uint32_t one : catalogue.user_occupations) occupation.push_back(one + 1);
  std::size_t zips = 0;
  zip = rows_of_known(catalogue.user_zips, zips);
  zip_rows = zips + 1;
  const std::size_t repeated = count_repeated(catalogue);
  repeated_words = rows_below(catalogue.title_words, repeated);
  genres = rows_below(catalogue.item_genres, catalogue.genres.size());
  occupation_rows = catalogue.occupations.size() + 1;
  word_rows = repeated + 1;
  genre_rows = catalogue.genres.size() + 1;
}

}  // namespace nnrec::features
