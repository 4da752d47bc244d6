#pragma once

#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/base/stop_signals.hpp"
#include "nnrec/comm/communicator.hpp"

namespace nnrec::app {

/// `nnrec_dist`: trains variants on all ranks and fills the run folder, from where a former job
/// left it. Collective; only rank 0's `log` is expected to speak. Throws AgreedError for what all
/// ranks share (kind interrupted: `signals` came on some rank, and all is saved), else any Error.
void dist_command(const std::vector<std::string>& arguments, comm::Communicator& ranks,
                  const StopSignals& signals, Log& log);

/// For who plans runs: throws UsageError as `nnrec_dist` would for these arguments and a --config
/// file of these lines, as far as it needs no data. Not collective.
void check_dist_options(const std::vector<std::string>& arguments, const std::string& lines);

}  // namespace nnrec::app
