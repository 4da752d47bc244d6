#pragma once

#include <cstdint>
#include <span>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/shards/rating_columns.hpp"

namespace nnrec::train {

/// Ratings in memory that all ranks of a node see, zero at first; lives as long as the
/// communicator.
class NodeRatings {
 public:
  NodeRatings() = default;
  /// Room for `rows` ratings, with or without their times. Collective.
  NodeRatings(comm::Communicator& ranks, std::size_t rows, shards::Times times);

  std::size_t size() const noexcept { return records_.size(); }
  shards::RatingView view() const noexcept { return {records_, times_}; }
  /// Brings the place nearer, which is written to soon.
  void prefetch(std::size_t place) const { __builtin_prefetch(&records_[place], 1); }
  /// Rating `row` of `from` becomes the one at `place`. Requires: nobody else is at that place.
  template <typename Ratings>
  void put(std::size_t place, const Ratings& from, std::size_t row) const {
    records_[place] = {from.user[row], from.item[row], from.rating[row]};
    if (!times_.empty()) times_[place] = from.timestamp[row];
  }

 private:
  std::span<shards::RatingRecord> records_;
  std::span<std::int64_t> times_;
};

}  // namespace nnrec::train
