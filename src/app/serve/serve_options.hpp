#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

struct ServeOptions {
  std::string run;
  std::string data;
  std::string variant;
  std::string address = "127.0.0.1";
  int port = 8080;
  int threads = 0;
  std::int64_t queue = 256;
  std::int64_t connections = 512;
  std::int64_t body_bytes = 1024 * 1024;
  double request_seconds = 10;
  double idle_seconds = 60;
  double watch_seconds = 1;
};

/// Nothing when --help or --version was asked for. Throws UsageError.
std::optional<ServeOptions> parse_serve_options(const std::vector<std::string>& arguments,
                                                Log& help);

}  // namespace nnrec::app
