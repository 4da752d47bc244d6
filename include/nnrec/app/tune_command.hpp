#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_tune FOLDER`: plans a random search with successive halving, says what to train next
/// (--next), tabulates trials (--table). Trains nothing itself. Throws UsageError, InputError,
/// IoError.
void tune_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
