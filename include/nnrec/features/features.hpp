#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "nnrec/base/held_array.hpp"
#include "nnrec/base/range.hpp"
#include "nnrec/features/batch.hpp"
#include "nnrec/features/extra.hpp"
#include "nnrec/features/extra_rows.hpp"
#include "nnrec/features/sessions.hpp"
#include "nnrec/shards/rating_columns.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::features {

inline constexpr std::size_t kTimestampBoundaries = 1000;
inline constexpr std::size_t kGenreSlots = 5;
inline constexpr std::size_t kWordRows = 10000;
inline constexpr std::uint32_t kFirstWordRow = 2;  ///< below: padding, out of vocabulary
/// A longer time has no column of days: its table would be the largest of all.
inline constexpr std::uint64_t kMostDays = 36525;

/// From the first to the last moment of a data set's ratings.
struct TimeRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
/// Number of boundaries, evenly spaced over the range, that are <= time.
std::uint32_t timestamp_bucket(std::int64_t time, const TimeRange& range) noexcept;

/// Rows of the embedding tables that a data set needs.
struct TableRows {
  std::size_t users = 0;              ///< known users + 1 (row 0: out of vocabulary)
  std::size_t titles = 0;             ///< known titles + 1
  std::size_t timestamp_buckets = 0;  ///< boundaries + 1
  std::size_t words = 0;              ///< padding, out of vocabulary, then words by frequency
  std::size_t genres = 0;             ///< known genres + 1
  /// Of the columns from here on row 0 is none; 1: the set does not have the column.
  std::size_t days = 1;
  std::size_t pages =
      1;  ///< of sessions, as visits and sittings: and days: 1 before use_sessions()
  std::size_t visits = 1;
  std::size_t sittings = 1;
  std::size_t age_bins = 1;
  std::size_t genders = 1;
  std::size_t occupations = 1;
  std::size_t zips = 1;
  std::size_t year_bins = 1;
  std::size_t repeated_words = 1;
  std::size_t item_genres = 1;
};

/// Whether any of these columns is made of a rating's time.
bool reads_times(const ColumnSet& columns);

/// Turns rows of rating columns into batches: the features of variants.md, computed from the
/// catalogue and the time statistics of the whole data set. Knows no ranks: who has several in one
/// memory may have one make the columns for all.
class Features {
 public:
  /// What is known without the catalogue's columns; may be copied to other processes.
  struct Facts {
    TableRows table_rows;
    bool has_time = false;
    bool has_genres = false;
    bool has_ages = false;
    std::uint64_t unknown_ages = 0;  ///< users
    TimeRange times;
    double time_mean = 0;
    double time_deviation = 1;
  };

  explicit Features(const shards::ShardSet& set);
  /// Of another process's, without columns until share() gives them.
  explicit Features(const Facts& facts) : facts_(facts) {}

  const Facts& facts() const noexcept { return facts_; }
  const TableRows& table_rows() const noexcept { return facts_.table_rows; }
  /// Throws InputError when a wanted column cannot be computed from this data set (no times, no
  /// ages, no genres), as the end of a sentence that
  /// begins with the model's name.
  void require(const ColumnSet& wanted) const;

  /// Those of `extras` that this data set has.
  ExtraSet available(const ExtraSet& extras) const;
  /// Frees what is known of users, titles and items but for the columns in `read`, which alone can
  /// be gathered from then on, and which title an item has. Tables keep their sizes.
  void keep_only(const ColumnSet& read);
  /// Where an array, given as it is held here (or empty), lies from now on.
  using Place = std::function<std::span<const std::byte>(std::span<const std::byte> held)>;
  /// Has `place` move each array behind the columns in `read`, in the same order in each process.
  void share(const ColumnSet& read, const Place& place);
  /// Of the training ratings, whose days it counts, too; what they view outlives this. Without them
  /// no rating has a session or a day.
  void use_sessions(const Sessions& sessions);
  const Sessions& sessions() const noexcept { return sessions_; }
  /// Table rows by user or, of year_bin, by title; empty: the set does not have the column.
  /// `column`: of age, gender, occupation, zip, year.
  std::span<const std::uint32_t> rows_of_all(IdColumn column) const;
  /// From the first day of a training rating on, from 1; 0 before it and behind the last.
  std::uint32_t day(std::int64_t time) const noexcept;

  /// Fills `batch` with the wanted columns of `rows` (row numbers into `ratings`), reusing memory.
  void gather(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
              const ColumnSet& wanted, Batch& batch) const;
  /// As gather, for the batch rows of `part` only. Other rows' values in these columns are not
  /// defined, their bags are empty.
  void gather_part(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                   const ColumnSet& wanted, Range part, Batch& batch) const;

  /// Index, from 0, of an item's title.
  std::uint32_t title_of(std::uint32_t item) const { return item_titles_[item]; }
  /// The longest list that a rating has in this column.
  std::size_t most_values(BagColumn column) const noexcept;
  /// Table rows of the words of one title index (from 0), and the genre slots of one item.
  std::span<const std::uint32_t> title_words(std::uint32_t title) const;
  std::span<const std::uint32_t> genre_slots(std::uint32_t item) const;
  std::span<const std::uint32_t> repeated_words(std::uint32_t title) const;
  std::span<const std::uint32_t> item_genres(std::uint32_t item) const;
  /// Over the range of this data set.
  std::uint32_t timestamp_bucket(std::int64_t time) const noexcept {
    return features::timestamp_bucket(time, facts_.times);
  }
  float normalised_timestamp(std::int64_t time) const noexcept;

 private:
  /// List i is values[offsets[i] .. offsets[i + 1]).
  struct Lists {
    HeldArray<std::uint64_t> offsets;
    HeldArray<std::uint32_t> values;

    Lists() = default;
    explicit Lists(shards::ListColumn lists)
        : offsets(std::move(lists.offsets)), values(std::move(lists.values)) {}
    std::span<const std::uint32_t> of(std::uint32_t index) const {
      return values.values().subspan(offsets[index], offsets[index + 1] - offsets[index]);
    }
    std::size_t longest() const;
  };
  void take(ExtraRows extra);
  template <typename Visit>
  void for_each_column(const ColumnSet& read, const Visit& visit);
  bool has_days() const;
  void gather_values(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                     const ColumnSet& wanted, Range part, Batch& batch) const;
  void gather_sessions(const shards::RatingView& ratings, std::span<const std::uint64_t> rows,
                       Range part, Batch& batch) const;

  Facts facts_;
  HeldArray<std::uint32_t> item_titles_;
  Lists title_words_;
  HeldArray<std::uint32_t> genre_slots_;  ///< kGenreSlots an item
  HeldArray<float> user_ages_;
  // As ExtraRows:
  HeldArray<std::uint32_t> age_bin_;
  HeldArray<std::uint32_t> gender_;
  HeldArray<std::uint32_t> occupation_;
  HeldArray<std::uint32_t> zip_;
  HeldArray<std::uint32_t> year_bin_;
  Lists repeated_words_;
  Lists item_genres_;
  Sessions sessions_;
  std::int64_t first_day_ = 0;
};

}  // namespace nnrec::features
