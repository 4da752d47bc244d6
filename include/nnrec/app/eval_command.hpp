#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_eval RUN [RUN]`: errors and rankings of one or two trained models on a part of a set,
/// beside means and chance, with intervals; to `console` where no file is named. `log` receives
/// what a person wants to know. Throws UsageError, InputError, IoError.
void eval_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log);

}  // namespace nnrec::app
