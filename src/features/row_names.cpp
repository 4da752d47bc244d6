#include "nnrec/features/row_names.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "nnrec/base/error.hpp"

namespace nnrec::features {
namespace {

using Names = std::span<const std::string>;

const std::array<std::string, 2> kGenders{"F", "M"};

/// Those of `names` that have a row of their own, from row `first` on.
Names with_rows(Names names, std::uint32_t first, std::size_t rows) {
  return names.first(std::min(names.size(), rows - std::min<std::size_t>(rows, first)));
}

/// `first`: the row of the first name.
RowMap map_names(Names names_then, Names names_now, std::uint32_t first, const NamedTable& before,
                 const NamedTable& after) {
  const Names then = with_rows(names_then, first, before.rows);
  const Names now = with_rows(names_now, first, after.rows);
  std::unordered_map<std::string_view, std::uint32_t> places;
  places.reserve(then.size());
  for (std::uint32_t i = 0; i < then.size(); ++i) places.emplace(then[i], first + i);
  RowMap map;
  map.from.assign(after.rows, kNoRow);
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
  return {catalogue.user_ids, catalogue.titles,        catalogue.words,
          catalogue.genres,   set.manifest().time_min, set.manifest().time_max};
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
         column == IdColumn::timestamp_bucket || column == IdColumn::gender;
}

RowMap map_rows(IdColumn column, const NamedTable& then, const NamedTable& now) {
  switch (column) {
    case IdColumn::user:
      return map_names(then.names.users, now.names.users, 1, then, now);
    case IdColumn::title:
      return map_names(then.names.titles, now.names.titles, 1, then, now);
    case IdColumn::timestamp_bucket:
      return map_times(then.names, now.names);
    case IdColumn::gender:
      return map_names(kGenders, kGenders, 1, then, now);
    default:
      break;
  }
  throw InternalError("rows of an unknown column of ids");
}

RowMap map_rows(BagColumn column, const NamedTable& then, const NamedTable& now) {
  switch (column) {
    case BagColumn::title_words:
      return map_names(then.names.words, now.names.words, kFirstWordRow, then, now);
    case BagColumn::repeated_words:
      return map_names(then.names.words, now.names.words, 1, then, now);
    case BagColumn::genres:
    case BagColumn::item_genres:
      return map_names(then.names.genres, now.names.genres, 1, then, now);
  }
  throw InternalError("rows of an unknown column of bags");
}

}  // namespace nnrec::features
