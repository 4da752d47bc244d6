#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/models/network.hpp"

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
  std::string optimizer = "adagrad";
  std::string checkpoint_every = "1epochs";  ///< as run::parse_save_interval reads it
  std::int64_t keep = 3;                     ///< newest checkpoints of a variant; the best besides
  std::string on_save_error = "continue";    ///< or stop
  std::string resume = "auto";               ///< never, or the path of a checkpoint
  bool allow_changes = false;
  std::string verify;  ///< a run's folder: replay its last stretch instead of training

  /// Throws UsageError that lists all violations at once.
  void validate() const;
  /// The variants' names, in the order given.
  std::vector<std::string> variant_names() const;
  /// What decides the bits of this variant besides the data, as lines `name = value`.
  std::string deciding(const models::Network& network) const;
  /// As lines `name = value` that --config reads back; what belongs to one job only (run, threads,
  /// resume, memory-limit) is left out.
  std::string to_config() const;
  /// memory_limit as a number; 0: none. Requires: validate() passed.
  std::uint64_t memory_limit_bytes() const;
  /// What must be equal on all ranks: all but the folders, whose paths may differ by node, and
  /// threads.
  std::string agreed() const;
};

/// For a person whose job was stopped with all saved.
std::string how_to_go_on(const DistOptions& options);

/// Reads the command line (and --config). Nothing when --help or --version was printed to `log`.
std::optional<DistOptions> parse_dist_options(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
