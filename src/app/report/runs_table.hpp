#pragma once

#include <vector>

#include "html.hpp"
#include "reported_run.hpp"

namespace nnrec::app {

/// How each variant of each run ended, a row each, by the run's result; where that does not have a
/// variant, the last epoch of its history.
HtmlTable runs_table(const std::vector<ReportedRun>& runs);

}  // namespace nnrec::app
