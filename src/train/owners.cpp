#include "nnrec/train/owners.hpp"

#include <bit>
#include <utility>

#include "nnrec/base/error.hpp"

namespace nnrec::train {

Owners::Owners(std::size_t node, std::vector<int> first_ranks, std::size_t run_rows)
    : run_rows_(run_rows), node_(node), first_ranks_(std::move(first_ranks)) {
  if (run_rows < kLeastRunRows || !std::has_single_bit(run_rows)) {
    throw InternalError("a run of {} rows cannot be owned", run_rows);
  }
}

Owners Owners::of_nodes(comm::Communicator& ranks, std::size_t run_rows) {
  const auto node = static_cast<std::size_t>(ranks.node());
  std::vector<std::int64_t> firsts(static_cast<std::size_t>(ranks.node_count()) + 1, 0);
  firsts[node] = ranks.node_first();
  firsts.back() = ranks.size();
  ranks.maximum(firsts);
  return {node, std::vector<int>(firsts.begin(), firsts.end()), run_rows};
}

}  // namespace nnrec::train
