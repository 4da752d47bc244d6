#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// The options of nnrec_prep.
struct PrepOptions {
  std::string input;
  std::string output = "data/default";
  std::string format = "auto";
  std::string split = "random";
  double test_fraction = 0.2;
  std::int64_t seed = 42;
  std::string train;
  std::string test;
  std::int64_t shard_rows = 1 << 20;

  /// Throws UsageError that lists all violations.
  void validate() const;
};

/// Reads ratings, writes a shard set, and prints what it read, kept, split and wrote.
/// Throws UsageError, InputError, IoError.
void prep_command(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
