#include "nnrec/train/training_tally.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "nnrec/train/station.hpp"

namespace nnrec::train {
namespace {

/// A power of two of which so many ratings so large make less than 2^62: no sum wraps.
double unit_of(const shards::Manifest& manifest, std::uint64_t ratings) {
  const double largest = std::max(std::abs(manifest.rating_min), std::abs(manifest.rating_max));
  const double most = largest * static_cast<double>(ratings);
  const int needed = std::ilogb(std::max(most, 1.0)) + 1;
  return std::ldexp(1.0, needed - 62);
}

}  // namespace

TrainingTally::TrainingTally(comm::Communicator& ranks, const math::ThreadTeam& team,
                             NodeRows& rows, const features::Features& features,
                             const shards::Manifest& manifest)
    : features_(features),
      is_shared_(ranks.node_size() > 1),
      has_time_(manifest.has_time),
      ratings_(rows.size()),
      mean_(manifest.train_rating_mean),
      unit_(unit_of(manifest, rows.size())) {
  const auto sized = [&](std::size_t size) { return node_array<std::int64_t>(ranks, size); };
  users_ = {sized(manifest.user_count), sized(manifest.user_count)};
  items_ = {sized(manifest.item_count), sized(manifest.item_count)};
  titles_.rows = sized(manifest.title_count);
  buckets_.rows = sized(features.table_rows().timestamp_buckets);
  days_.rows = sized(features.table_rows().days);
  constexpr std::size_t kColumns = 4;
  visit_share(ranks, rows, [&](const RowShare& share) {
    team.for_each(kColumns, [&](std::size_t column, std::size_t) { add(share.ratings, column); });
  });
  ranks.node_barrier();  // all ranks of the node have counted
  for (const auto values :
       {users_.rows, users_.ratings, items_.rows, items_.ratings, buckets_.rows, days_.rows}) {
    ranks.sum_over_nodes(values);
  }
  if (ranks.node_rank() == 0) {
    for (std::uint32_t item = 0; item < items_.rows.size(); ++item)
      titles_.rows[features.title_of(item)] += items_.rows[item];
  }
  ranks.node_barrier();
}

/// Integers: no order of the ranks tells.
void TrainingTally::add_to(std::int64_t& sum, std::int64_t number) const {
  if (is_shared_) {
    std::atomic_ref(sum).fetch_add(number, std::memory_order_relaxed);
  } else {
    sum += number;
  }
}

/// Each by one thread: no two write to one place.
void TrainingTally::add(const shards::RatingView& columns, std::size_t column) {
  const std::size_t rows = columns.size();
  switch (column) {
    case 0:
      for (std::size_t r = 0; r < rows; ++r) add_rating(users_, columns.user[r], columns.rating[r]);
      break;
    case 1:
      for (std::size_t r = 0; r < rows; ++r) add_rating(items_, columns.item[r], columns.rating[r]);
      break;
    case 2:
      if (!has_time_) break;
      for (const auto time : columns.timestamp)
        add_to(buckets_.rows[features_.timestamp_bucket(time)], 1);
      break;
    default:
      if (!has_time_) break;
      for (const auto time : columns.timestamp) add_to(days_.rows[features_.day(time)], 1);
  }
}

void TrainingTally::add_rating(Column& column, std::uint32_t index, float rating) const {
  add_to(column.rows[index], 1);
  add_to(column.ratings[index], std::llrint(static_cast<double>(rating) / unit_));
}

double TrainingTally::mean(const Column& column, std::uint32_t index) const {
  return static_cast<double>(column.ratings[index]) * unit_ /
         static_cast<double>(column.rows[index]);
}

void TrainingTally::mark_warm(const shards::RatingView& rows,
                              std::vector<std::uint8_t>& is_warm) const {
  is_warm.resize(rows.size());
  for (std::size_t row = 0; row < is_warm.size(); ++row) {
    is_warm[row] = has_user(rows.user[row]) && has_item(rows.item[row]) ? 1 : 0;
  }
}

namespace {

/// What is seen so often by index, as rows that follow row 0.
std::vector<std::int64_t> after_row_0(std::span<const std::int64_t> seen, std::size_t table_rows) {
  std::vector<std::int64_t> counts(table_rows, 0);
  std::ranges::copy(seen, counts.begin() + 1);
  return counts;
}

/// What is seen so often by index, at each index's row.
std::vector<std::int64_t> at_rows(std::span<const std::int64_t> seen,
                                  std::span<const std::uint32_t> rows, std::size_t table_rows) {
  std::vector<std::int64_t> counts(table_rows, 0);
  for (std::size_t i = 0; i < seen.size(); ++i) counts[rows[i]] += seen[i];
  return counts;
}

}  // namespace

std::vector<std::int64_t> TrainingTally::look_ups(features::IdColumn column,
                                                  std::size_t table_rows) const {
  using features::IdColumn;
  switch (column) {
    case IdColumn::user:
      return after_row_0(users_.rows, table_rows);
    case IdColumn::title:
      return after_row_0(titles_.rows, table_rows);
    case IdColumn::timestamp_bucket:
      return {buckets_.rows.begin(), buckets_.rows.end()};
    case IdColumn::day:
      return {days_.rows.begin(), days_.rows.end()};
    case IdColumn::age_bin:
    case IdColumn::gender:
    case IdColumn::occupation:
    case IdColumn::zip:
      return at_rows(users_.rows, features_.rows_of_all(column), table_rows);
    case IdColumn::year_bin:
      return at_rows(titles_.rows, features_.rows_of_all(column), table_rows);
    default:
      return session_look_ups(column, table_rows);
  }
}

std::vector<std::int64_t> TrainingTally::session_look_ups(features::IdColumn column,
                                                          std::size_t table_rows) const {
  std::vector<std::int64_t> counts(table_rows, 0);
  const auto moments = features_.sessions().moments;
  for (std::size_t page = 0; page < moments.size(); ++page) {
    const std::size_t row = column == features::IdColumn::page    ? page + 1
                            : column == features::IdColumn::visit ? moments[page].visit
                                                                  : moments[page].sitting;
    counts[row] += moments[page].ratings;
  }
  return counts;
}

std::vector<std::int64_t> TrainingTally::look_ups(features::BagColumn column,
                                                  std::size_t table_rows) const {
  using features::BagColumn;
  std::vector<std::int64_t> counts(table_rows, 0);
  const bool is_of_titles = column == BagColumn::title_words || column == BagColumn::repeated_words;
  const auto rows_of = [&](std::uint32_t index) {
    switch (column) {
      case BagColumn::title_words:
        return features_.title_words(index);
      case BagColumn::genres:
        return features_.genre_slots(index);
      case BagColumn::repeated_words:
        return features_.repeated_words(index);
      default:
        return features_.item_genres(index);
    }
  };
  const Column& seen = is_of_titles ? titles_ : items_;
  for (std::uint32_t i = 0; i < seen.rows.size(); ++i) {
    if (seen.rows[i] == 0) continue;
    for (const auto row : rows_of(i)) counts[row] += seen.rows[i];
  }
  return counts;
}

std::vector<std::int64_t> TrainingTally::look_ups(const models::LookupColumn& column,
                                                  std::size_t table_rows) const {
  return std::visit([&](auto any) { return look_ups(any, table_rows); }, column);
}

void TrainingTally::clear_untrained(const models::Network& network,
                                    nn::ParameterSet& parameters) const {
  for (const models::TableUse& table : network.tables()) {
    const nn::Block& block = network.layout()[table.block];
    const std::vector<std::int64_t> counts = look_ups(table.column, block.rows);
    const auto values = parameters.values(table.block);
    for (std::size_t row = 0; row < block.rows; ++row) {
      if (counts[row] == 0) std::ranges::fill(values.subspan(row * block.cols, block.cols), 0.0F);
    }
  }
}

}  // namespace nnrec::train
