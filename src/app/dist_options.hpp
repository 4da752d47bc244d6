#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// What nnrec_dist can be told; the defaults are the published recipe.
struct DistOptions {
  std::string data = "data/default";
  std::string variant = "all";  ///< a name, several with commas, or all
  std::string preset = "published";
  std::string run;  ///< empty: runs/<UTC time>
  std::int64_t epochs = 20;
  std::int64_t batch = 2048;  ///< rows of the global batch
  std::int64_t seed = 1;
  std::int64_t threads = 0;  ///< a rank; 0: OMP_NUM_THREADS, else the cores it may use
  std::string memory_limit;  ///< of a node, for ratings, as parse_byte_size reads; empty: none
  double learning_rate = 0.1;
  double dropout = 0;

  /// Throws UsageError that lists all violations at once.
  void validate() const;
  /// The variants' names, in the order given.
  std::vector<std::string> variant_names() const;
  /// As lines `name = value` that --config reads back; run, threads and memory-limit, which do
  /// not decide the result, are left out.
  std::string to_config() const;
  /// memory_limit as a number; 0: none. Requires: validate() passed.
  std::uint64_t memory_limit_bytes() const;
  /// What decides the result: to_config() without the folder, whose path may differ by node.
  std::string deciding() const;
  /// What must be equal on all ranks: deciding(), and what they must do in step.
  std::string agreed() const;
};

/// Reads the command line (and --config). Nothing when --help or --version was printed to `log`.
std::optional<DistOptions> parse_dist_options(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
