#pragma once

#include <string>
#include <vector>

namespace nnrec::app {

/// What became of runs: a line of columns' names, then a line a finished variant of each run (name
/// of its folder, state, variant, validation and test RMSE, model digest) and a line an unfinished
/// one that has checkpoints; where there is neither, a line for the run, which is unfinished or not
/// begun. Throws InputError naming a result that is none, IoError.
std::string run_list(const std::vector<std::string>& runs);

}  // namespace nnrec::app
