#include "published.hpp"

#include <array>

#include "published_curves.hpp"

namespace nnrec::app {
namespace {

struct TableRow {
  const char* variant;
  double val_rmse;
  double accepted_low;
  double accepted_high;
};

constexpr std::array kTable{
    TableRow{"basic", 3.695, 3.68, 3.70},
    TableRow{"one_layer", 0.941, 0.938, 0.956},
    TableRow{"enriched", 0.936, 0.930, 0.955},
    TableRow{"complex", 0.960, 0.94, 1.15},
};

}  // namespace

std::vector<std::string> published_variants() {
  std::vector<std::string> names;
  for (const auto& row : kTable) names.emplace_back(row.variant);
  return names;
}

std::optional<PublishedResult> published_result(const std::string& variant) {
  for (const auto& row : kTable) {
    if (variant != row.variant) continue;
    PublishedResult result{row.val_rmse, row.accepted_low, row.accepted_high, {}};
    for (const auto& epoch : kPublishedEpochs)
      if (variant == epoch.variant) result.val_curve.push_back({epoch.epoch, epoch.val_rmse});
    return result;
  }
  return std::nullopt;
}

}  // namespace nnrec::app
