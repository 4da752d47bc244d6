#pragma once

#include <string>
#include <vector>

namespace nnrec::app {

/// What became of runs: a line of columns' names, then a line a variant of each finished run (name
/// of its folder, state, variant, validation and test RMSE, model digest) or a line for one that is
/// unfinished or not begun. Throws InputError naming a result that is none.
std::string run_list(const std::vector<std::string>& runs);

}  // namespace nnrec::app
