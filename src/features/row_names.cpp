#include "nnrec/features/row_names.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "nnrec/base/error.hpp"

namespace nnrec::features {
namespace {

using Names = std::span<const std::string>;

/// `first`: the row of the first name. `rows`: of the table now.
RowMap map_names(Names then, Names now, std::uint32_t first, std::size_t rows) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  places.reserve(then.size());
  for (std::uint32_t i = 0; i < then.size(); ++i) places.emplace(then[i], first + i);
  RowMap map;
  map.from.assign(rows, kNoRow);
  std::iota(map.from.begin(), map.from.begin() + first, 0U);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto found = places.find(now[i]);
    if (found == places.end()) continue;
    map.from[first + i] = found->second;
    ++map.kept;
  }
  map.added = now.size() - map.kept;
  map.gone = then.size() - map.kept;
  return map;
}

/// The first time of a bucket in 1..kTimestampBoundaries.
std::int64_t first_time(std::uint32_t bucket, const RowNames& names) {
  __extension__ using Wide = __int128;
  const Wide range = static_cast<Wide>(names.time_max) - names.time_min;
  const Wide parts = kTimestampBoundaries - 1;
  return static_cast<std::int64_t>(names.time_min + ((bucket - 1) * range + parts - 1) / parts);
}

RowMap map_times(const RowNames& then, const RowNames& now) {
  RowMap map;
  map.from.assign(kTimestampBoundaries + 1, kNoRow);
  map.from[0] = 0;
  const bool is_same = then.time_min == now.time_min && then.time_max == now.time_max;
  for (std::uint32_t bucket = 1; bucket <= kTimestampBoundaries; ++bucket) {
    const std::int64_t time = first_time(bucket, now);
    const bool was_there = time >= then.time_min && time <= then.time_max;
    if (!was_there) continue;
    map.from[bucket] = is_same ? bucket : timestamp_bucket(time, {then.time_min, then.time_max});
    ++map.kept;
  }
  map.added = kTimestampBoundaries - map.kept;
  return map;
}

}  // namespace

RowNames row_names(const shards::ShardSet& set) {
  const shards::Catalogue& catalogue = set.catalogue();
  const Names words = catalogue.words;
  return {catalogue.user_ids,
          catalogue.titles,
          words.first(std::min(words.size(), kWordRows - kFirstWordRow)),
          catalogue.genres,
          set.manifest().time_min,
          set.manifest().time_max};
}

TableRows table_rows(const RowNames& names) {
  TableRows rows;
  rows.users = names.users.size() + 1;
  rows.titles = names.titles.size() + 1;
  rows.timestamp_buckets = kTimestampBoundaries + 1;
  rows.words = kWordRows;
  rows.genres = names.genres.size() + 1;
  return rows;
}

bool rows_have_names(IdColumn column) {
  return column == IdColumn::user || column == IdColumn::title ||
         column == IdColumn::timestamp_bucket;
}

bool rows_have_names(BagColumn column) {
  return column == BagColumn::title_words || column == BagColumn::genres;
}

RowMap map_rows(IdColumn column, const RowNames& then, const RowNames& now) {
  switch (column) {
    case IdColumn::user:
      return map_names(then.users, now.users, 1, table_rows(now).users);
    case IdColumn::title:
      return map_names(then.titles, now.titles, 1, table_rows(now).titles);
    case IdColumn::timestamp_bucket:
      return map_times(then, now);
    default:
      break;
  }
  throw InternalError("rows of an unknown column of ids");
}

RowMap map_rows(BagColumn column, const RowNames& then, const RowNames& now) {
  switch (column) {
    case BagColumn::title_words:
      return map_names(then.words, now.words, kFirstWordRow, table_rows(now).words);
    case BagColumn::genres:
      return map_names(then.genres, now.genres, 1, table_rows(now).genres);
    default:
      break;
  }
  throw InternalError("rows of an unknown column of bags");
}

}  // namespace nnrec::features
