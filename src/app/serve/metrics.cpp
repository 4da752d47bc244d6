#include "metrics.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nnrec::app {

void Metrics::note(const std::string& path, unsigned status, double seconds) {
  ++requests_[{path, status}];
  Times& times = times_[path];
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  ++times.counts[static_cast<std::size_t>(bucket)];
  times.sum += seconds;
}

std::string Metrics::text() const {
  std::string text =
      "# HELP nnrec_requests_total Requests that were answered.\n"
      "# TYPE nnrec_requests_total counter\n";
  for (const auto& [of, count] : requests_) {
    text += fmt::format("nnrec_requests_total{{path=\"{}\",status=\"{}\"}} {}\n", of.first,
                        of.second, count);
  }
  text +=
      "# HELP nnrec_request_seconds From a request's first byte to its answer.\n"
      "# TYPE nnrec_request_seconds histogram\n";
  for (const auto& [path, times] : times_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < times.counts.size(); ++i) {
      below += times.counts[i];
      const std::string bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf";
      text += fmt::format("nnrec_request_seconds_bucket{{path=\"{}\",le=\"{}\"}} {}\n", path, bound,
                          below);
    }
    text += fmt::format("nnrec_request_seconds_sum{{path=\"{}\"}} {}\n", path, times.sum);
    text += fmt::format("nnrec_request_seconds_count{{path=\"{}\"}} {}\n", path, below);
  }
  return text;
}

std::string metric(const std::string& name, const std::string& kind, const std::string& help,
                   std::uint64_t value) {
  return fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, kind, value);
}

}  // namespace nnrec::app
