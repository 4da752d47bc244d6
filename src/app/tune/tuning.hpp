#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "halving.hpp"
#include "search_space.hpp"

namespace nnrec::app {

/// What a tuning tries, by which set, and how far.
struct TuningPlan {
  std::string data;
  std::vector<std::string> fixed;  ///< `NAME=VALUE`; what is drawn wins, groups add up
  SearchSpace space;
  std::uint64_t seed = 1;
  Halving halving;
  bool allow_changes = false;  ///< trials go on though the program was built anew
};

/// A tuning's folder. It holds what was drawn for each trial, TRIAL/trial.cfg, and a run for each
/// rung that the trial has come to, TRIAL/epochs-N; TRIAL/epochs-N.failed says why that one failed.
/// What is next is a function of the plan and of what lies there, so a killed tuning just goes on.
class Tuning {
 public:
  Tuning(std::filesystem::path folder, TuningPlan plan);

  const TuningPlan& plan() const noexcept { return plan_; }
  /// Digest of the data set that all trials so far were trained on; empty before the first has
  /// ended. Throws InputError where they were trained on several.
  std::string data_digest() const;
  /// `as-given`, `trial-007`.
  static std::string trial_name(std::size_t trial);
  /// What is drawn for a trial: nothing for the first, as-given.
  TrialDraw draw_of(std::size_t trial) const;
  /// In lines of a configuration of nnrec_dist.
  std::string options_of(std::size_t trial) const;
  /// Writes every trial's options. Throws IoError.
  void write_trials() const;
  /// Throws InputError where a run's result is none, or not that of one variant with a validation
  /// part, or where runs were trained on several data sets.
  std::vector<Rung> rungs() const;
  /// A line for each run that can begin now: its place in the folder, epochs, and `--resume`'s
  /// value: `auto`, or the checkpoint of the rung before that it goes on from. None: all is done.
  std::string tasks() const;
  /// The validation RMSE, of predictions as they are: clipped ones tell barely trained models not
  /// apart. Infinite: failed; nothing: not ended.
  std::optional<double> end_of(std::size_t trial, std::size_t rung) const;

 private:
  class OneDataSet;
  std::optional<double> end_of(std::size_t trial, std::size_t rung, OneDataSet& trained_on) const;
  std::string run_name(std::size_t trial, std::size_t rung) const;
  std::string resume_of(std::size_t trial, std::size_t rung) const;

  std::filesystem::path folder_;
  TuningPlan plan_;
};

}  // namespace nnrec::app
