#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_predict RUN --pairs FILE`: a line with a predicted rating for each line with a user and
/// an item, in their order. Answers go to `console` where no file is named; `log` receives what a
/// person wants to know. Throws UsageError, InputError (file:line of a bad line), IoError.
void predict_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log);

}  // namespace nnrec::app
