#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nnrec::features {

/// What a model can read of a rating. Indices count table rows: row 0 of user, title and genre is
/// out of vocabulary; row 0 of words is padding, row 1 out of vocabulary. From day and
/// repeated_words on they are no published ones, and row 0 is none.
enum class IdColumn {
  user,
  title,
  timestamp_bucket,
  day,
  page,  ///< of a session, as visit and sitting: features/sessions.hpp
  visit,
  sitting,
  age_bin,
  gender,
  occupation,
  year_bin,
  zip
};
/// Words of a title that occur in titles at least twice; all genres of an item, without padding.
enum class BagColumn { title_words, genres, repeated_words, item_genres };
enum class ScalarColumn { age, normalised_timestamp };
inline constexpr std::size_t kIdColumns = 12;
inline constexpr std::size_t kBagColumns = 4;
inline constexpr std::size_t kScalarColumns = 2;

/// Which columns are wanted, so that a batch holds no others.
struct ColumnSet {
  std::array<bool, kIdColumns> ids{};
  std::array<bool, kBagColumns> bags{};
  std::array<bool, kScalarColumns> scalars{};
  bool rating = true;

  bool& operator[](IdColumn column) { return ids[static_cast<std::size_t>(column)]; }
  bool& operator[](BagColumn column) { return bags[static_cast<std::size_t>(column)]; }
  bool& operator[](ScalarColumn column) { return scalars[static_cast<std::size_t>(column)]; }
  void add(const ColumnSet& more) {
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = ids[i] || more.ids[i];
    for (std::size_t i = 0; i < bags.size(); ++i) bags[i] = bags[i] || more.bags[i];
    for (std::size_t i = 0; i < scalars.size(); ++i) scalars[i] = scalars[i] || more.scalars[i];
  }
  bool has(IdColumn column) const { return ids[static_cast<std::size_t>(column)]; }
  bool has(BagColumn column) const { return bags[static_cast<std::size_t>(column)]; }
  bool has(ScalarColumn column) const { return scalars[static_cast<std::size_t>(column)]; }
};

/// A list of indices for each row: row i has values[offsets[i] .. offsets[i + 1]).
struct BagValues {
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> values;
};

/// Columns of n ratings and their features. Columns that were not wanted are empty.
struct Batch {
  std::size_t rows = 0;
  std::array<std::vector<std::uint32_t>, kIdColumns> ids;
  std::array<BagValues, kBagColumns> bags;
  std::array<std::vector<float>, kScalarColumns> scalars;
  std::vector<float> rating;

  std::vector<std::uint32_t>& operator[](IdColumn c) { return ids[static_cast<std::size_t>(c)]; }
  const std::vector<std::uint32_t>& operator[](IdColumn c) const {
    return ids[static_cast<std::size_t>(c)];
  }
  BagValues& operator[](BagColumn c) { return bags[static_cast<std::size_t>(c)]; }
  const BagValues& operator[](BagColumn c) const { return bags[static_cast<std::size_t>(c)]; }
  std::vector<float>& operator[](ScalarColumn c) { return scalars[static_cast<std::size_t>(c)]; }
  const std::vector<float>& operator[](ScalarColumn c) const {
    return scalars[static_cast<std::size_t>(c)];
  }
};

}  // namespace nnrec::features
