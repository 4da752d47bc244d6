#pragma once

#include <cstdint>
#include <span>
#include <vector>

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
  std::size_t year_bins = 1;
  std::size_t repeated_words = 1;
  std::size_t item_genres = 1;
};

/// Whether any of these columns is made of a rating's time.
bool reads_times(const ColumnSet& columns);

/// Turns rows of rating columns into batches: the features of variants.md, computed from the
/// catalogue and the time statistics of the whole data set. One process's memory, no ranks.
class Features {
 public:
  explicit Features(const shards::ShardSet& set);

  const TableRows& table_rows() const noexcept { return table_rows_; }
  /// Throws InputError when a wanted column cannot be computed from this data set (no times, no
  /// ages, no genres), as the end of a sentence that
  /// begins with the model's name.
  void require(const ColumnSet& wanted) const;

  /// Those of `extras` that this data set has.
  ExtraSet available(const ExtraSet& extras) const;
  /// Frees what is known of users but for the columns in `read`, which alone can be gathered from
  /// then on. Tables keep their sizes.
  void forget_users_beside(const ColumnSet& read);
  /// Of the training ratings, whose days it counts, too; what they view outlives this. Without them
  /// no rating has a session or a day.
  void use_sessions(const Sessions& sessions);
  const Sessions& sessions() const noexcept { return sessions_; }
  const ExtraRows& extra_rows() const noexcept { return extra_; }
  /// From the first day of a training rating on, from 1; 0 before it and behind the last.
  std::uint32_t day(std::int64_t time) const noexcept;

  /// Fills `batch` with the wanted columns of `rows` (row numbers into `columns`), reusing memory.
  void gather(const shards::RatingColumns& columns, std::span<const std::uint64_t> rows,
              const ColumnSet& wanted, Batch& batch) const;
  /// As gather, for the batch rows of `part` only. Other rows' values in these columns are not
  /// defined, their bags are empty.
  void gather_part(const shards::RatingColumns& columns, std::span<const std::uint64_t> rows,
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
    return features::timestamp_bucket(time, times_);
  }
  float normalised_timestamp(std::int64_t time) const noexcept;

 private:
  void size_extra_tables();
  bool has_days() const;
  void gather_sessions(const shards::RatingColumns& columns, std::span<const std::uint64_t> rows,
                       Range part, Batch& batch) const;

  TableRows table_rows_;
  std::vector<std::uint32_t> item_titles_;
  shards::ListColumn title_words_;
  std::vector<std::uint32_t> genre_slots_;  // kGenreSlots an item
  std::vector<float> user_ages_;
  bool has_time_ = false;
  bool has_genres_ = false;
  TimeRange times_;
  double time_mean_ = 0;
  double time_deviation_ = 1;
  ExtraRows extra_;
  Sessions sessions_;
  std::int64_t first_day_ = 0;
};

}  // namespace nnrec::features
