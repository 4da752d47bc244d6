#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nnrec/run/history.hpp"

#include "published.hpp"

namespace nnrec::app {

/// Several runs' RMSE, of the validation part or else of the test part, at one epoch.
struct SpreadPoint {
  int epoch = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
};

/// One variant over all runs that have it.
struct VariantResult {
  std::string variant;
  std::vector<double> final_rmse;  ///< last epoch's RMSE, one entry per run
  int first_last_epoch = 0;        ///< the runs' last epochs: smallest and largest
  int last_last_epoch = 0;
  std::vector<SpreadPoint> curve;  ///< by epoch, over the runs that have it
  std::optional<PublishedResult> published;

  double mean() const;
  double min() const;
  double max() const;
  /// Sample standard deviation; requires two runs or more.
  double standard_deviation() const;
};

/// Variants in the published order, then others in order of first appearance.
std::vector<VariantResult> summarize(const std::vector<std::vector<run::HistoryRow>>& runs);

enum class TableFormat { text, markdown };

/// The results table. `data`: the data set's name; verdicts are given on kPublishedData only.
/// With two runs or more also mean, standard deviation, spread. Ends in a line feed.
std::string results_table(const std::vector<VariantResult>& results, const std::string& data,
                          TableFormat format);

}  // namespace nnrec::app
