#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// Reads ratings, writes a shard set, and prints what it read, repaired, kept, split and wrote;
/// with
/// --describe, prints an existing set. Throws UsageError, InputError, IoError.
void prep_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
