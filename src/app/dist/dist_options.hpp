#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/run/run_options.hpp"

namespace nnrec::app {

/// Reads the command line (and --config; with --verify the run's own options.cfg). Nothing when
/// --help or --version, which names this MPI library, was printed to `log`. Throws UsageError that
/// lists all violations at once.
std::optional<run::RunOptions> parse_dist_options(const std::vector<std::string>& arguments,
                                                  Log& log, const std::string& mpi = {});

/// As the option table writes them; `options` outlives the result. What belongs to one job only
/// (run, threads, resume, memory-limit) is not saved.
run::OptionTexts texts_of(const run::RunOptions& options);

/// What must be equal on all ranks: all but the folder of the data, which may differ by node, and
/// what a rank may have of its own, as threads.
std::string agreed_lines(const run::RunOptions& options);

}  // namespace nnrec::app
