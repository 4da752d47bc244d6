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
  std::string origin;
  std::vector<std::string> changed;  ///< in options, data or build since the checkpoint
  std::filesystem::path warm{};      ///< checkpoint of another run, whose weights it begins with
};

/// What a line of CheckpointInfo::changes begins with that says of a warm start; no other stands
/// before it.
inline constexpr std::string_view kWarmStartMark = "warm start: ";

/// Where each variant of this job begins, as --resume asks and by what is in the folder: the newest
/// valid checkpoint of each. Not collective: rank 0 calls it. Throws InputError when a variant has
/// checkpoints and none is valid, or had and they are gone; UsageError when options or data differ
/// from those of a checkpoint without --allow-changes, or --resume does not fit the folder.
std::vector<StartPoint> find_starts(const Session& session, const RunFolder& folder);

/// A line for each option that decides the variant's bits and is another one in this session, and
/// for the data: `name = value, was value`.
std::vector<std::string> differences(const train::CheckpointInfo& then, const Session& session);

}  // namespace nnrec::run
