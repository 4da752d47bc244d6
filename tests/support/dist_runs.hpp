#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nnrec/base/stop_signals.hpp"

namespace nnrec::testing {

/// How `nnrec_dist` is started in a test.
struct DistLaunch {
  int ranks = 1;  ///< as threads of this process, two to a node
  int threads = 1;
  std::vector<std::string> arguments;
};

/// Runs nnrec_dist and returns what rank 0 printed. Rethrows its error.
std::string run_dist(const DistLaunch& launch);
std::string run_dist(const DistLaunch& launch, const StopSignals& signals);
/// The same of one that ends with an error: `printed` has what rank 0 printed before.
void run_dist(const DistLaunch& launch, std::string& printed);

/// What rank 0 printed behind "model digest VARIANT ", of each variant.
std::string digests(const std::string& output);

/// history.csv without its columns of times.
std::string history_bits(const std::filesystem::path& run);

}  // namespace nnrec::testing
