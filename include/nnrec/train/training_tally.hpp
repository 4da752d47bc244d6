#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/node_rows.hpp"

namespace nnrec::train {

/// How often each user, item, title, time bucket and day stands in the ratings that are trained on,
/// and the mean rating of each user and item. A function of the training part: the same on any
/// number of ranks and threads. The counts are the node's.
class TrainingTally {
 public:
  /// Goes through `rows`, the training part of `manifest`'s set, once. Collective.
  TrainingTally(comm::Communicator& ranks, const math::ThreadTeam& team, NodeRows& rows,
                const features::Features& features, const shards::Manifest& manifest);

  std::uint64_t ratings() const noexcept { return ratings_; }
  /// Of all training ratings.
  double mean() const noexcept { return mean_; }
  bool has_user(std::uint32_t user) const { return users_.rows[user] > 0; }
  bool has_item(std::uint32_t item) const { return items_.rows[item] > 0; }
  /// Requires: has_user, has_item.
  double user_mean(std::uint32_t user) const { return mean(users_, user); }
  double item_mean(std::uint32_t item) const { return mean(items_, item); }

  /// Says of each row whether both its user and its item have a training rating.
  void mark_warm(const shards::RatingView& rows, std::vector<std::uint8_t>& is_warm) const;

  /// How often the training ratings look up each row of a table of `table_rows` rows.
  std::vector<std::int64_t> look_ups(const models::LookupColumn& column,
                                     std::size_t table_rows) const;

  /// Sets the rows of looked-up tables that no training rating looks up to zero. They get no
  /// gradient, so that they stay zero: what was never trained predicts by what was.
  void clear_untrained(const models::Network& network, nn::ParameterSet& parameters) const;

 private:
  /// By index.
  struct Column {
    std::span<std::int64_t> rows;
    std::span<std::int64_t> ratings;  ///< their sum in units of unit_; empty: not asked for
  };
  void add(const shards::RatingView& columns, std::size_t column);
  void add_to(std::int64_t& sum, std::int64_t number) const;
  void add_rating(Column& column, std::uint32_t index, float rating) const;
  double mean(const Column& column, std::uint32_t index) const;
  std::vector<std::int64_t> look_ups(features::IdColumn column, std::size_t table_rows) const;
  std::vector<std::int64_t> session_look_ups(features::IdColumn column,
                                             std::size_t table_rows) const;
  std::vector<std::int64_t> look_ups(features::BagColumn column, std::size_t table_rows) const;

  const features::Features& features_;
  bool is_shared_;  ///< by several ranks, which count at the same time
  bool has_time_;
  std::uint64_t ratings_;
  double mean_;
  double unit_;
  Column users_;
  Column items_;
  Column titles_;
  Column buckets_;
  Column days_;
};

}  // namespace nnrec::train
