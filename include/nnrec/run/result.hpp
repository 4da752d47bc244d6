#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/baselines.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// What the first epoch of a run foretold of the later ones, and what these took.
struct Foretold {
  double forecast = 0;
  double measured = 0;
};
/// What a batch would take on nodes that are alike, each as large as this run's.
struct ClusterForecast {
  std::uint64_t nodes = 1;
  std::uint64_t ranks = 1;
  double batch_seconds = 0;  ///< without evaluation and saving
  double efficiency = 0;     ///< as train::efficiency
  double batch_bytes = 0;    ///< that a node sends
};
struct ScalingForecast {
  std::string network;  ///< between the nodes, in words
  std::vector<ClusterForecast> clusters;
};
struct ForecastFigures {
  Foretold batch_seconds;
  Foretold batch_bytes;  ///< that a node sends
  Foretold
      node_memory;  ///< bytes; measured with programs and MPI, 0 where the system does not tell
  ScalingForecast scaling{};  ///< rank 0's alone
};

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
  std::optional<ForecastFigures> forecast{};  ///< where two epochs ended that are alike
};

/// A run that has reached its end, or some of its variants.
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
/// Until a command of several variants ends: the result, so far, of those of it that have ended.
inline constexpr const char* kEndedFileName = "ended.json";

/// The result as JSON, ended by a line feed, as data/FORMAT.md has it. What is not known or not
/// finite is null.
std::string result_text(const RunResult& result);

/// Of a result's text the entries of these variants alone; empty where none is among them, or it is
/// no result.
std::string entries_of(const std::string& result, const std::vector<std::string>& variants);
/// `result` with the entries of `former`, such a text on the same data or none, in the place of its
/// own for `repeated`, with what these have newly found of their best models, and behind its own
/// for variants that it does not have.
std::string with_entries_of(const std::string& result, const std::string& former,
                            const std::vector<std::string>& repeated);

/// Errors over some rows, as a result names them.
struct ErrorFigures {
  std::uint64_t rows = 0;
  double rmse = 0;
  double mae = 0;
  std::optional<double> clipped_rmse;  ///< where the set declares a scale
  std::uint64_t warm_rows = 0;         ///< whose user and item training saw
  std::optional<double> warm_rmse;
};

/// How one variant ended, read back. Of parts that were not evaluated there are no errors.
struct VariantEnd {
  std::string variant;
  std::uint64_t epochs = 0;
  std::uint64_t steps = 0;
  std::optional<ErrorFigures> validation;  ///< of the last model, as `test`
  std::optional<ErrorFigures> test;
  std::optional<ErrorFigures> best_test;  ///< of the model with the best validation
  std::optional<std::uint64_t> best_step;
  std::string model_digest;
  /// Of the program and the job that trained it last.
  std::vector<std::pair<std::string, std::string>> build;
  int ranks = 1;
  int threads = 1;
  std::string changes;
  /// Those that decide its bits, every setting spelled out.
  std::vector<std::pair<std::string, std::string>> options;
  /// By phase, as result.json names them, of rank 0's last job.
  std::vector<std::pair<std::string, double>> seconds;
  std::uint64_t batches = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_needed = 0;  ///< the lower bound of what is sent
  std::optional<ForecastFigures> forecast;

  /// Empty where it did not decide.
  std::string option(std::string_view name) const;
};

/// A run that has ended, read back.
struct RunEnd {
  /// Of the set: names and values as result.json has them.
  std::vector<std::pair<std::string, std::string>> data;
  /// On the test part; without one, on the validation part.
  std::optional<ErrorFigures> training_mean;
  std::optional<ErrorFigures> user_item_means;
  std::vector<VariantEnd> variants;
};

/// `file`: kEndedFileName has what is there before. Nothing where the run has none yet.
/// Throws InputError naming the file, where it is no such result.
std::optional<RunEnd> read_result(const std::filesystem::path& run,
                                  const char* file = kResultFileName);

}  // namespace nnrec::run
