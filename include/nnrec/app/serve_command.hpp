#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// nnrec_serve: answers over HTTP with a trained model until `stop_is_asked`. `help` is where
/// --help goes, `log` where it says what it serves. Throws Error.
void serve_command(const std::vector<std::string>& arguments, Log& help, Log& log,
                   const std::function<bool()>& stop_is_asked);

}  // namespace nnrec::app
