#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::app {

struct EvalOptions {
  std::vector<std::string> runs;
  std::string data;
  std::string variant;
  std::string part = "test";
  std::int64_t top = 10;
  std::optional<double> liked_from;
  std::int64_t ranking_users = 10000;
  std::optional<std::int64_t> at;
  bool allow_overlap = false;
  std::string format = "text";
  std::string output = "-";
  int threads = 0;

  shards::Part evaluated_part() const;
};

/// Nothing when --help or --version was asked for. Throws UsageError.
std::optional<EvalOptions> parse_eval_options(const std::vector<std::string>& arguments, Log& help);

}  // namespace nnrec::app
