#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/run/run_folder.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/train/checkpoint.hpp"

namespace nnrec::run {

/// From where the training of one variant begins.
struct StartPoint {
  std::string variant;
  std::filesystem::path checkpoint;  ///< empty: from the beginning
  train::TrainProgress progress;     ///< of the checkpoint
  std::string changes;               ///< as CheckpointInfo has them
  train::CheckpointOrigin origin;    ///< as CheckpointInfo has it
  std::vector<std::string> changed;  ///< in options, data or build since the checkpoint
  std::filesystem::path warm{};      ///< checkpoint of another run, whose weights it begins with
  bool has_other_data = false;       ///< than the checkpoint
  bool has_other_sampler = false;    ///< whose models are no part of the mean
  train::CheckpointInfo saved{};     ///< of the head of `checkpoint`, or of `warm`
};

/// Whether so much training is all that --epochs and --patience ask for: functions of the state
/// alone, so that a run that goes on ends where it would have ended.
bool is_finished(const train::TrainProgress& progress, const RunOptions& options);
bool is_out_of_patience(const train::TrainProgress& progress, const RunOptions& options);

/// Where each variant of this job begins, as --resume asks and by what is in the folder: the newest
/// valid checkpoint of each. Not collective: rank 0 calls it. Throws InputError when a variant has
/// checkpoints and none is valid, or had and they are gone, what it would begin with cannot be
/// used, or the history cannot be read: whatever is refused is refused here, before the folder
/// changes. UsageError when options or data differ from those of a checkpoint without
/// --allow-changes, --resume or --warm-start does not fit the folder, or other options would change
/// nothing.
std::vector<StartPoint> find_starts(const Session& session, const RunFolder& folder);

/// When the variant's turn comes: of a warm start whose checkpoint a job has removed since, the
/// present one. Rank 0 calls it. Throws as find_starts().
void renew(StartPoint& start, const Session& session);

/// A line for each option that decides the variant's bits and is another one in this session, and
/// for the data: `name = value, was value`.
std::vector<std::string> differences(const train::CheckpointInfo& then, const Session& session);

}  // namespace nnrec::run
