#pragma once

#include <functional>

#include "nnrec/comm/communicator.hpp"

namespace nnrec::test {

/// Runs `work` on `size` ranks that are threads of this process, and waits for all of them.
/// Ranks [k * ranks_per_node, (k + 1) * ranks_per_node) count as one node; 0 puts all on one.
/// Rethrows the error of the lowest rank that failed for a reason of its own; a PeerError only when
/// there is no other. Throws IoError when the threads cannot be started.
void run_ranks(int size, const std::function<void(comm::Communicator&)>& work,
               int ranks_per_node = 0);

}  // namespace nnrec::test
