#pragma once

#include <string>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::train {

/// What of the nodes' replicas is compared.
enum class Compared {
  all,
  parameters  ///< and how far training is
};

/// Throws an AgreedError of kind io on every rank where the nodes' replicas of `model` differ by a
/// bit, in a block of parameters or of optimiser state, or the ranks in how far training is: names
/// the block and the lowest rank that holds other bits than most. A hash of 64 bits a block is
/// compared: one word that differs is always seen, several but for one chance in 2^64. Collective:
/// yes.
void require_equal_replicas(comm::Communicator& ranks, const math::ThreadTeam& team,
                            const TrainState& state, const std::string& model,
                            Compared compared = Compared::all);

}  // namespace nnrec::train
