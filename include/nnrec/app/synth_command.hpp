#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_synth --output DIR`: writes a synthetic data set with a planted truth and prints its
/// noise floor. Throws UsageError, InputError, IoError; the folder is whole or absent.
void synth_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
