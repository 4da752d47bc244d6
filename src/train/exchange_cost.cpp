#include "nnrec/train/exchange_cost.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "nnrec/base/stopwatch.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {
namespace {

constexpr double kSumBytes = 8;
/// Bytes that a sum of a table's row crosses in: with others of all nodes; packed; packed, where it
/// is of a layer's gradients, half of which are 0 of a row that is looked up once. As measured.
struct RowBytes {
  double summed;
  double packed;
  double packed_projected;
};
constexpr RowBytes row_bytes(ExchangeBits bits) {
  return bits == ExchangeBits::all ? RowBytes{8, 4, 2.5} : RowBytes{4, 2.2, 1.4};
}
constexpr double kValueBytes = 4;
/// What a further message of a swap costs, in latencies: they are under way together.
constexpr double kFurtherMessage = 0.1;

double median_seconds(comm::Communicator& ranks, std::span<std::int64_t> part, int rounds) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) {
    ranks.barrier();
    const Stopwatch watch;
    ranks.sum_over_nodes(part);
    seconds.push_back(watch.seconds());
  }
  std::ranges::nth_element(seconds, seconds.begin() + rounds / 2);
  return seconds[static_cast<std::size_t>(rounds / 2)];
}

double dense_elements(const models::Network& network) {
  double elements = 0;
  for (const nn::Block& block : network.layout().blocks()) {
    if (block.kind == nn::BlockKind::dense) elements += static_cast<double>(block.size());
  }
  return elements;
}

/// Numbers of a table's row.
struct RowWidth {
  double sums;
  double projected;  ///< of the sums
  double values;
  explicit RowWidth(const models::TableUse& use)
      : sums(static_cast<double>(use.sum_cols())),
        projected(static_cast<double>(use.sum_cols() - use.own_cols())),
        values(static_cast<double>(use.leaf.cols)) {}
  /// So many rows that a batch, and one node's part of it, look up.
  void add(double touched, double own, BatchVolume& volume) const {
    volume.touched += sums * touched;
    volume.own += sums * own;
    volume.own_projected += projected * own;
    volume.touched_values += values * touched;
    volume.own_values += values * own;
  }
};

/// Each node sends and receives so many times the message, in so many rounds of messages.
double share_sent(std::size_t nodes) {
  return static_cast<double>(nodes - 1) / static_cast<double>(nodes);
}
double sum_rounds(std::size_t nodes) {
  return 2.0 * static_cast<double>(std::bit_width(nodes - 1));
}

}  // namespace

Link measure_link(comm::Communicator& ranks) {
  constexpr std::size_t kLarge = std::size_t{1} << 17;  // 1 MiB
  const std::size_t arrays = ranks.node_arrays();
  const auto part = node_array<std::int64_t>(ranks, kLarge);
  const auto nodes = static_cast<std::size_t>(ranks.node_count());
  median_seconds(ranks, part, 1);  // the first message opens connections
  const double few = median_seconds(ranks, part.first(1), 15);
  const double many = median_seconds(ranks, part, 5);
  ranks.free_node_arrays(arrays);
  const double bytes = 2 * share_sent(nodes) * static_cast<double>(part.size_bytes());
  // Numbers that all ranks share, in whole nanoseconds and bytes.
  std::array<std::int64_t, 2> words{};
  if (ranks.rank() == 0) {
    words[0] = std::llround(1e9 * few / sum_rounds(nodes));
    words[1] = std::llround(bytes / std::max(many - few, 1e-9));
  }
  ranks.maximum(words);
  return {1e-9 * static_cast<double>(words[0]), static_cast<double>(words[1])};
}

BatchVolume expected_volume(const models::Network& network, const TrainingTally& tally,
                            std::size_t batch_rows, std::size_t nodes) {
  const auto all = static_cast<double>(tally.ratings());
  const double batch = std::min(static_cast<double>(batch_rows), all);
  BatchVolume volume;
  volume.rows = batch;
  volume.dense = dense_elements(network);
  for (const models::TableUse& use : network.tables()) {
    const RowWidth width(use);
    for (const std::int64_t count : tally.look_ups(use.column, network.layout()[use.block].rows)) {
      // A bag may look a row up twice: more often than all ratings it is not.
      const double share = std::min(static_cast<double>(count) / all, 1.0);
      const auto touched = [&](double rows) { return -std::expm1(rows * std::log1p(-share)); };
      width.add(touched(batch), touched(batch / static_cast<double>(nodes)), volume);
      volume.lookups += batch * static_cast<double>(count) / all;
    }
  }
  return volume;
}

BatchVolume largest_volume(const models::Network& network, const features::Features& features,
                           std::size_t batch_rows, std::size_t nodes) {
  BatchVolume volume;
  volume.rows = static_cast<double>(batch_rows);
  volume.dense = dense_elements(network);
  for (const models::TableUse& use : network.tables()) {
    const RowWidth width(use);
    const auto rows = static_cast<double>(network.layout()[use.block].rows);
    const auto lookups = static_cast<double>(most_lookups(features, use, batch_rows));
    width.add(std::min(rows, lookups), std::min(rows, lookups / static_cast<double>(nodes)),
              volume);
    volume.lookups += lookups;
  }
  return volume;
}

ExchangeCost exchange_cost(ExchangeWay way, const BatchVolume& volume, std::size_t nodes,
                           const Link& link, ExchangeBits bits) {
  if (nodes == 1) return {};
  const RowBytes of_row = row_bytes(bits);
  double bytes = 2 * share_sent(nodes) * kSumBytes * volume.dense;
  double latencies = sum_rounds(nodes);
  if (way == ExchangeWay::reduce) {
    bytes += 2 * share_sent(nodes) * of_row.summed * volume.touched;
    if (bits == ExchangeBits::fewer) latencies += sum_rounds(nodes);  // rows for themselves
  } else {
    bytes += share_sent(nodes) *
             (of_row.packed * (volume.own - volume.own_projected) +
              of_row.packed_projected * volume.own_projected + kValueBytes * volume.own_values);
    // Lengths, sums and values.
    latencies += 3 * (1 + kFurtherMessage * static_cast<double>(nodes - 2));
  }
  return {bytes, latencies * link.latency_seconds + bytes / link.bytes_per_second};
}

ExchangeCost completion_cost(const models::Network& network, std::size_t nodes, const Link& link) {
  double values = 0;
  for (const models::TableUse& use : network.tables())
    values += static_cast<double>(network.layout()[use.block].size());
  const double bytes = share_sent(nodes) * kValueBytes * values;
  return {bytes, bytes / link.bytes_per_second};
}

ExchangeWay cheaper_way(const BatchVolume& volume, std::size_t nodes, const Link& link,
                        ExchangeBits bits) {
  const auto seconds = [&](ExchangeWay way) {
    return exchange_cost(way, volume, nodes, link, bits).seconds;
  };
  return seconds(ExchangeWay::owner) < seconds(ExchangeWay::reduce) ? ExchangeWay::owner
                                                                    : ExchangeWay::reduce;
}

}  // namespace nnrec::train
