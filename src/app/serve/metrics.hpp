#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace nnrec::app {

/// Counts of what was answered, and how fast, as Prometheus reads them. Of one thread.
class Metrics {
 public:
  /// `path`: one of few.
  void note(const std::string& path, unsigned status, double seconds);
  std::string text() const;

 private:
  /// Upper bounds of the histogram, in seconds; the last has none.
  static constexpr std::array kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                      0.025,  0.05,    0.1,    0.25,  0.5,    1.0,   2.5};
  struct Times {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    double sum = 0;
  };

  std::map<std::pair<std::string, unsigned>, std::uint64_t> requests_;
  std::map<std::string, Times> times_;
};

/// A line of text for a gauge or a counter, with its kind and what it is.
std::string metric(const std::string& name, const std::string& kind, const std::string& help,
                   std::uint64_t value);

}  // namespace nnrec::app
