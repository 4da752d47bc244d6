#pragma once

#include <filesystem>
#include <vector>

#include "halving.hpp"
#include "tuning.hpp"

namespace nnrec::app {

/// Draws a panel a searched place into the file `path`, as SVG: its values against the validation
/// RMSE of the first rung, trials that went on in another colour, trial 0 as a dashed line. Far
/// worse trials lie on the upper edge. Requires: a trial of the first rung has ended well.
/// Throws IoError.
void draw_trials(const TuningPlan& plan, const std::vector<Rung>& rungs,
                 const std::filesystem::path& path);

}  // namespace nnrec::app
