#pragma once

#include <cstdint>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::train {

/// A copy of a training state in memory that the ranks of a node share: what one of them saves
/// while all train on. Its members are collective over the node.
class StateCopy {
 public:
  /// Room for states like this one. Throws IoError when memory is short. `ranks` and `team` outlive
  /// it.
  StateCopy(comm::Communicator& ranks, const math::ThreadTeam& team, const TrainState& like);

  /// What it takes of a node's memory.
  static std::uint64_t bytes(const TrainState& like);
  /// Copies `state`, each rank its share. Nobody reads the copy before meanwhile.
  void take(const TrainState& state);
  const TrainState& state() const noexcept { return state_; }

 private:
  void take(const SamplingState& from);

  comm::Communicator& ranks_;
  const math::ThreadTeam& team_;
  TrainState state_;
};

}  // namespace nnrec::train
