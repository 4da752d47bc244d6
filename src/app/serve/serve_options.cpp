#include "serve_options.hpp"

#include "app/options/model_options.hpp"

namespace nnrec::app {
namespace {

const OptionTable<ServeOptions>& option_table() {
  using O = ServeOptions;
  static const OptionTable<ServeOptions> kTable{
      run_option(&O::run),
      data_option(&O::data),
      variant_option(&O::variant),
      {"address", &O::address, not_empty("an address, such as 0.0.0.0"),
       "address to listen on; other machines reach another one than 127.0.0.1, and nothing asks "
       "them who they are"},
      {"port", &O::port, in_range(0, 65535), "port to listen on; 0: any that is free, and said"},
      {"threads", &O::threads, in_range(0, math::kMostThreads),
       "requests that are answered at a time; the answers are the same for any number; 0: "
       "OMP_NUM_THREADS, else the cores allowed"},
      {"queue", &O::queue, in_range(1, 1'000'000), "requests that may wait; more are answered 503"},
      {"connections", &O::connections, in_range(1, 100'000),
       "connections at a time; more are answered 503 and closed"},
      {"body-bytes", &O::body_bytes, in_range(1024, 1024 * 1024 * 1024),
       "the largest body of a request"},
      {"request-seconds", &O::request_seconds, in_range(0.1, 3600.0),
       "time for a request to come whole, and for its answer to be taken"},
      {"idle-seconds", &O::idle_seconds, in_range(0.1, 86400.0),
       "time that a connection may stay without a request"},
      {"watch-seconds", &O::watch_seconds, in_range(0.0, 86400.0),
       "how often to look for a newer checkpoint, which then answers; 0: never"},
  };
  return kTable;
}

}  // namespace

std::optional<ServeOptions> parse_serve_options(const std::vector<std::string>& arguments,
                                                Log& help) {
  CommandLine line(
      "nnrec_serve",
      "nnrec_serve RUN --port 8080\n\n"
      "Answers over HTTP, in JSON: /recommend?user=ID, /similar?item=ID,\n"
      "/predict?user=ID&item=ID, POST /predict, /health, and /metrics for Prometheus.\n"
      "A newer checkpoint of the run takes over without a lost request.");
  ServeOptions options;
  option_table().declare(line, options);
  line.positional("run");
  if (!line.parse(arguments, help)) return std::nullopt;
  Violations violations("nnrec_serve");
  option_table().check(options, violations);
  violations.throw_if_any();
  return options;
}

}  // namespace nnrec::app
