#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/run/run_options.hpp"

namespace nnrec::run {

/// A place that a run would write, as its option names it, and why it cannot; empty where it can.
struct Place {
  std::string name;
  std::string refusal;
  ErrorKind kind = ErrorKind::io;
};

/// All that a run of these options writes, followed to the end of links: the run's folder and what
/// lies in it, --logdir, --trace and --json-log, which must be none of the other files that the run
/// writes or reads. Makes nothing. What a device has room for is not asked.
std::vector<Place> look_at_places(const RunOptions& options);

/// Throws UsageError or IoError of the first that is refused.
void require_places(const RunOptions& options);

}  // namespace nnrec::run
