#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nnrec::app {

/// One point of a curve.
struct CurvePoint {
  int epoch = 0;
  double rmse = 0;
};

/// What the publication reports for one variant on MovieLens 100K.
struct PublishedResult {
  double val_rmse = 0;  ///< the results table's figure
  /// Where the mean over seeds of a faithful reproduction ends. The published shuffle cannot be
  /// rebuilt, and the end of `complex` depends on its first weights: hence the widths.
  double accepted_low = 0;
  double accepted_high = 0;
  std::vector<CurvePoint> val_curve;
};

/// The data set of the publication, as reports name it.
inline constexpr const char* kPublishedData = "MovieLens 100K";

/// In the order of the published table.
std::vector<std::string> published_variants();
/// Nothing for a variant that the publication does not have.
std::optional<PublishedResult> published_result(const std::string& variant);

}  // namespace nnrec::app
