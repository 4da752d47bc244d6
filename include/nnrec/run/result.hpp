#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/baselines.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// How one variant ended.
struct TrainedVariant {
  std::string variant;
  train::TrainProgress progress;
  train::Errors validation;  ///< of the last model; no rows: not evaluated, as below
  train::Errors test;        ///< of the last model
  train::Errors best_test;   ///< of the model with the best validation
  std::string model_digest;  ///< SHA-256 of names, shapes and bytes of the parameters
  std::string options;       ///< those that decide its bits, as lines `name = value`
  std::string changes;       ///< as train::CheckpointInfo has them
  /// Rank 0's, of this job alone: fewer than the run's after a resume.
  train::TrainStatistics statistics;
  train::PhaseClock clock;
  double training_seconds = 0;
};

/// A run that has reached its end.
struct RunResult {
  std::string build;    ///< of the program that ended it, as lines `name = value`
  std::string options;  ///< as options.cfg
  shards::Manifest data;
  int ranks = 1;
  int threads = 1;  ///< a rank
  train::Baselines validation_baselines{};
  train::Baselines test_baselines{};
  std::vector<TrainedVariant> variants;
};

inline constexpr const char* kResultFileName = "result.json";

/// The result as JSON, ended by a line feed, as data/FORMAT.md has it. What is not known or not
/// finite is null.
std::string result_text(const RunResult& result);

/// What other programs of ours need of a variant's end.
struct VariantEnd {
  std::string variant;
  std::uint64_t epochs = 0;
  std::optional<double> validation_rmse;
  std::optional<double> test_rmse;  ///< of the last model
  std::string model_digest;
};

/// The variants of a run that has ended; nothing where it has no result yet.
/// Throws InputError naming the file, where it is no such result.
std::optional<std::vector<VariantEnd>> read_result(const std::filesystem::path& run);

}  // namespace nnrec::run
