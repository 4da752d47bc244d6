#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results.hpp"

namespace nnrec::app {

/// Draws "RMSE over epochs" into `folder`: rmse_over_epochs.svg and rmse_over_epochs.png. A solid
/// line for each variant's validation RMSE (several runs: the mean, in a band from min to max), a
/// dashed one of the same colour for the published curve. Curves that end above 2 have a panel of
/// their own, since `basic` lives far above the others.
/// `data`: the data set's name, for the title.
/// Throws IoError when gnuplot is missing or fails; a file is whole or absent.
void draw_chart(const std::vector<VariantResult>& results, const std::string& data,
                const std::filesystem::path& folder);

}  // namespace nnrec::app
