#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

#include "tuning.hpp"

namespace nnrec::app {

struct TuneOptions {
  std::string folder;
  std::string data = "data/default";
  std::vector<std::string> search;
  std::vector<std::string> fixed;
  std::int64_t trials = 27;
  std::string rungs = "2,6,18";
  std::int64_t reduction_factor = 3;
  std::int64_t seed = 1;
  bool allow_changes = false;
  bool next = false;
  bool table = false;

  /// Throws UsageError.
  TuningPlan plan() const;
};

inline constexpr const char* kTuningFileName = "tuning.cfg";

/// Reads the command line, --config, and what the folder's tuning.cfg says already. Nothing when
/// --help or --version was printed to `log`. Throws UsageError that lists all violations at once,
/// or names what another tuning in the folder has otherwise.
std::optional<TuneOptions> parse_tune_options(const std::vector<std::string>& arguments, Log& log);

/// What the folder keeps, as lines `name = value`.
std::string tuning_lines(const TuneOptions& options);

}  // namespace nnrec::app
