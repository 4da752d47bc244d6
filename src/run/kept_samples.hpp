#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/run_options.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::run {

/// Whether the sampled model of the epoch that has just ended is kept: of --keep-samples that many
/// epochs behind the burn-in, evenly spread, the last one too. Where the folder lacks some of them
/// (it is a branch's, the option came late, the sampler is another one, an epoch was undone), as
/// many as it lacks of the epochs from here on. The same for a run that was stopped in between.
/// `kept`: those of this mean in the folder, oldest first; `epoch_steps`: steps an epoch.
/// Requires: progress.epoch is behind the burn-in.
bool is_kept(const train::TrainProgress& progress, std::span<const SavedCheckpoint> kept,
             const RunOptions& options, std::uint64_t epoch_steps);

/// What to warn of where fewer models than that can be kept; else empty. `kept`: how many of this
/// mean are in the folder.
std::string lack_of_samples(const train::TrainProgress& progress, std::uint64_t kept,
                            const RunOptions& options);

}  // namespace nnrec::run
