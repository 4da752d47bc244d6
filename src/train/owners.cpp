#include "nnrec/train/owners.hpp"

#include <utility>

namespace nnrec::train {

Owners::Owners(std::size_t node, std::vector<int> first_ranks)
    : node_(node), first_ranks_(std::move(first_ranks)) {}

Owners Owners::of_nodes(comm::Communicator& ranks) {
  const auto node = static_cast<std::size_t>(ranks.node());
  std::vector<std::int64_t> firsts(static_cast<std::size_t>(ranks.node_count()) + 1, 0);
  firsts[node] = ranks.node_first();
  firsts.back() = ranks.size();
  ranks.maximum(firsts);
  return {node, std::vector<int>(firsts.begin(), firsts.end())};
}

}  // namespace nnrec::train
