#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/prepare/prepare.hpp"

namespace nnrec::app {

/// The options of nnrec_prep as they are given.
struct PrepOptions {
  std::vector<std::string> inputs;
  std::string output = "data/default";
  std::string describe;
  std::string format = "auto";

  std::string separator;
  std::string columns;
  std::string decimal = ".";
  std::string time_format;
  std::string header = "auto";
  std::string encoding = "auto";

  std::string scale;
  std::string out_of_range = "error";
  std::string missing;
  std::string duplicates = "last-time";
  std::string on_bad_line = "stop";
  std::string max_bad = "0.1%";
  std::string reject_file;
  bool integer_ids = false;
  bool allow_mismatch = false;
  bool strict = false;

  std::string split = "random";
  double test_fraction = 0.2;
  std::int64_t seed = 42;
  std::int64_t folds = 5;
  std::int64_t fold = 1;
  std::optional<std::int64_t> test_from;
  std::optional<std::int64_t> test_last;
  double validation = 0;
  std::vector<std::string> train;
  std::vector<std::string> test;
  std::set<std::string> given;  ///< the names of the options that were given

  std::int64_t shard_rows = 1 << 20;
  int threads = 0;

  /// What they mean. Throws UsageError that lists all violations.
  prepare::PrepareOptions resolve() const;
};

/// Returns nothing when --help or --version was asked for and printed.
std::optional<PrepOptions> parse_prep_options(const std::vector<std::string>& arguments, Log& log);

}  // namespace nnrec::app
