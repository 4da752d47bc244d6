#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "nnrec/features/features.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::features {

/// What the rows of looked-up tables stand for in one data set, in the order of the rows: ids,
/// titles, words and genres by name, time buckets by the times from the first to the last.
struct RowNames {
  std::span<const std::string> users;
  std::span<const std::string> titles;
  std::span<const std::string> words;  ///< those with a row of their own
  std::span<const std::string> genres;
  std::int64_t time_min = 0;
  std::int64_t time_max = 0;
};
/// The set outlives the result.
RowNames row_names(const shards::ShardSet& set);

/// Rows of the tables that these need.
TableRows table_rows(const RowNames& names);

inline constexpr std::uint32_t kNoRow = std::numeric_limits<std::uint32_t>::max();

/// Where the rows of a table come from when the data set is another one.
struct RowMap {
  std::vector<std::uint32_t> from;  ///< by row: the former row of the same, or kNoRow
  std::uint64_t kept = 0;           ///< names that both sets have
  std::uint64_t added = 0;
  std::uint64_t gone = 0;
};
/// Rows of the other columns are numbered anew by each set.
bool rows_have_names(IdColumn column);
bool rows_have_names(BagColumn column);
/// Of the table that this column looks up. Rows that stand for no name (out of vocabulary, padding)
/// are kept. A time bucket comes from the one that its first time was in, if it was in any.
/// Requires: rows_have_names(column).
RowMap map_rows(IdColumn column, const RowNames& then, const RowNames& now);
RowMap map_rows(BagColumn column, const RowNames& then, const RowNames& now);

}  // namespace nnrec::features
