#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// `nnrec_recommend RUN --user ID`: the items of the highest predicted ratings, or those like
/// another; to `console` where no file is named. `log` receives what a person wants to know.
/// Throws UsageError, InputError, IoError.
void recommend_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log);

}  // namespace nnrec::app
