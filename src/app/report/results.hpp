#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/output/text_table.hpp"
#include "averaged_runs.hpp"
#include "published.hpp"
#include "reported_run.hpp"

namespace nnrec::app {

/// Several runs' RMSE, of the validation part or else of the test part, at one epoch.
struct SpreadPoint {
  int epoch = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
};

/// One variant over all runs that have it by the same preset.
struct VariantResult {
  std::string variant;
  std::string preset = kPublishedPreset;
  std::vector<double> final_rmse;      ///< last epoch's RMSE, one entry per run
  std::vector<AveragedRun> runs;       ///< in the same order
  std::set<std::string> data_digests;  ///< that are known
  std::vector<std::string> notes;      ///< on runs that were not evaluated after each epoch
  int first_last_epoch = 0;            ///< the runs' last epochs: smallest and largest
  int last_last_epoch = 0;
  std::vector<SpreadPoint> curve;  ///< by epoch, over the runs that have it
  std::optional<PublishedResult> published;

  bool is_published_preset() const { return preset == kPublishedPreset; }
  /// "basic", or with another preset "basic (tuned)".
  std::string name() const;
  double mean() const;
  double min() const;
  double max() const;
  /// Sample standard deviation; requires two runs or more.
  double standard_deviation() const;
};

/// Variants in the published order, then others in order of first appearance; of each the published
/// preset first.
std::vector<VariantResult> summarize(const std::vector<ReportedRun>& runs);

/// The results table as texts, the columns' names first. `data`: the data set's name; verdicts are
/// given on kPublishedData only. With two runs or more also mean, standard deviation, spread.
std::vector<TableRow> results_rows(const std::vector<VariantResult>& results,
                                   const std::string& data);
/// The same as lines of text.
std::string results_table(const std::vector<VariantResult>& results, const std::string& data,
                          TableFormat format);
/// What a reader of the table would wonder at, a sentence or two each.
std::vector<std::string> results_notes(const std::vector<VariantResult>& results);

}  // namespace nnrec::app
