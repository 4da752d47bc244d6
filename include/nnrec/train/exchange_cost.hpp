#pragma once

#include <cstddef>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/train/exchange.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::train {

/// What carries messages between nodes.
struct Link {
  double latency_seconds = 0;  ///< of a short message, one way
  double bytes_per_second = 0;
};
/// By some messages, within a few tenths of a second. Requires: several nodes. Collective; the same
/// on every rank.
Link measure_link(comm::Communicator& ranks);

/// What a batch is about, on average.
struct BatchVolume {
  double rows = 0;  ///< ratings
  // Numbers that it gives sums for:
  double dense = 0;
  double touched = 0;  ///< for rows of tables that the batch looks up
  double own = 0;      ///< for those that one node's part of it looks up
  // Parameters in these rows:
  double touched_values = 0;
  double own_values = 0;
  double lookups = 0;        ///< of rows of tables, by the whole batch
  double own_projected = 0;  ///< of `own`: sums of a layer's gradients, of which many are 0
};
/// For a batch of `batch_rows` training ratings drawn at random, shared out to `nodes` nodes.
BatchVolume expected_volume(const models::Network& network, const TrainingTally& tally,
                            std::size_t batch_rows, std::size_t nodes);

/// The most that a batch can be about, whatever it looks up.
BatchVolume largest_volume(const models::Network& network, const features::Features& features,
                           std::size_t batch_rows, std::size_t nodes);

struct ExchangeCost {
  double bytes = 0;  ///< that a node sends
  double seconds = 0;
};
/// Of one batch; nothing for one node.
ExchangeCost exchange_cost(ExchangeWay way, const BatchVolume& volume, std::size_t nodes,
                           const Link& link, ExchangeBits bits = ExchangeBits::all);
/// Of what owners send at an epoch's end: the rows of all tables, once to every other node.
ExchangeCost completion_cost(const models::Network& network, std::size_t nodes, const Link& link);
ExchangeWay cheaper_way(const BatchVolume& volume, std::size_t nodes, const Link& link,
                        ExchangeBits bits = ExchangeBits::all);

}  // namespace nnrec::train
