#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

struct RecommendOptions {
  std::string run;
  std::string data;
  std::string variant;
  std::vector<std::string> users;
  bool all_users = false;
  std::string similar_to;
  std::int64_t top = 10;
  bool exclude_seen = false;
  std::vector<std::string> where;
  std::optional<std::int64_t> at;
  bool clip = false;
  std::string format = "text";
  std::string output = "-";
  int threads = 0;
};

/// Nothing when --help or --version was asked for. Throws UsageError.
std::optional<RecommendOptions> parse_recommend_options(const std::vector<std::string>& arguments,
                                                        Log& help);

}  // namespace nnrec::app
