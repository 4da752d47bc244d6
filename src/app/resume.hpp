#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "dist_options.hpp"
#include "run_folder.hpp"

namespace nnrec::app {

/// From where the training of one variant begins.
struct StartPoint {
  std::string variant;
  std::filesystem::path checkpoint;  ///< empty: from the beginning
  train::TrainProgress progress;     ///< of the checkpoint
  std::string changes;               ///< of options on the way, as CheckpointInfo has them
};

/// What this job would go on with.
struct ResumeContext {
  const DistOptions& options;
  const std::string& data_digest;
};

/// Where each variant begins, as --resume asks and by what is in the folder: the newest valid
/// checkpoint of each. One that is refused is named in the log, and the one before is taken.
/// Throws InputError when a variant has checkpoints and none is valid; UsageError when options or
/// data differ from those of a checkpoint without --allow-changes, or --resume never meets a run.
std::vector<StartPoint> find_starts(const ResumeContext& context, const RunFolder& folder,
                                    Log& log);

/// The newest checkpoint of `variant` in `run` that is valid, or nothing where there is none at
/// all; the others are named in the log. Throws InputError when all are refused.
std::optional<SavedCheckpoint> newest_valid(const std::filesystem::path& run,
                                            const std::string& variant, Log& log);

}  // namespace nnrec::app
