#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_export RUN --to npz --output FILE`: a trained model's numbers with ids and titles, for
/// other programs. Throws UsageError, InputError, IoError.
void export_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
