#pragma once

#include <filesystem>
#include <vector>

#include "nnrec/run/checkpoints.hpp"
#include "nnrec/train/checkpoint.hpp"

namespace nnrec::run {

/// What a run has from others' folders, which it knows by more than their paths: there may be
/// another run by now.

/// The checkpoint that the run in `run` branched from, as one of its own says; where both were
/// moved together, in its new place. Throws InputError naming it: gone, damaged, or another model
/// by now.
ValidCheckpoint find_origin(const std::filesystem::path& run, const train::CheckpointInfo& own);

/// The checkpoints that the run in `run`, one of which is `own`, branched from, and that those
/// branched from, the latest first, as far as can be known: wherever they may lie, there or not.
std::vector<std::filesystem::path> find_lineage(const std::filesystem::path& run,
                                                train::CheckpointInfo own);

/// The checkpoint of the best epoch of the run in `run`, which has come to `newest`: there, or one
/// that it came from, or beside one. Throws InputError naming it: gone, damaged, or another model
/// by now. Requires: newest.progress.best_step > 0.
ValidCheckpoint find_best(const std::filesystem::path& run, const train::CheckpointHead& newest);

}  // namespace nnrec::run
