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
  std::span<const std::string> words;  ///< by falling frequency; the first have rows
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
/// Whether rows of this column stand for the same in every set. Those of the other columns of ids
/// (days, sessions, bins of ages and years, occupations, zip codes) are numbered by each set for
/// itself; of bags all do.
bool rows_have_names(IdColumn column);
constexpr bool rows_have_names(BagColumn) {
  return true;
}
/// A table of one data set. Names beyond its rows have none of their own.
struct NamedTable {
  const RowNames& names;
  std::size_t rows;
};
/// Of the table that this column looks up. Rows that stand for no name (out of vocabulary, padding)
/// are kept. A time bucket comes from the one that its first time was in, if it was in any.
/// Requires: rows_have_names(column).
RowMap map_rows(IdColumn column, const NamedTable& then, const NamedTable& now);
RowMap map_rows(BagColumn column, const NamedTable& then, const NamedTable& now);

}  // namespace nnrec::features
