#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/run/session.hpp"
#include "nnrec/train/step_forecast.hpp"

namespace nnrec::run {

/// Numbers of nodes with commas between, as in 1,2,4; of `none`: none. Throws UsageError.
std::vector<std::size_t> parse_node_counts(const std::string& text);
/// Latency and bandwidth, as in 10us,12.5GB/s or 200us,1Gbit/s; `measured`: nothing. Throws
/// UsageError.
std::optional<train::Link> parse_network(const std::string& text);

/// What carries messages between nodes, with words on where that is known from.
struct NamedLink {
  train::Link link;
  std::string text;
};
/// --network's, else the one between this job's nodes, else an assumption.
NamedLink link_of(const Session& session);
/// --exchange's; nothing where the cheaper one is taken.
std::optional<train::ExchangeWay> asked_way(const Session& session);

/// Of this job's nodes.
train::ClusterShape shape_of(const Session& session);
/// What a node of such a cluster holds, by what the training ratings look up on average.
train::NodeLoad expected_load(const Session& session, const models::Network& network,
                              const train::ClusterShape& shape);

/// Says for each variant what a step would take on each number of nodes in options().plan, by what
/// steps cost here. Trains for a second, keeps nothing, writes nothing. Collective.
void plan_run(const Session& session);

}  // namespace nnrec::run
