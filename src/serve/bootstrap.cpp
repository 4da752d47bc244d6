#include "nnrec/serve/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "nnrec/base/random.hpp"

namespace nnrec::serve {
namespace {

constexpr std::uint64_t kSeed = 1;

double quotient(double sum, double weight) {
  return weight > 0 ? sum / weight : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

double UserRatio::value() const {
  return quotient(std::accumulate(sums.begin(), sums.end(), 0.0),
                  std::accumulate(weights.begin(), weights.end(), 0.0));
}

std::vector<double> resample(const UserRatio& ratio, const math::ThreadTeam& team) {
  const auto users = static_cast<double>(ratio.sums.size());
  std::vector<double> values(kResamples);
  team.for_each(kResamples, [&](std::size_t draw, std::size_t) {
    const CounterRandom random(kSeed, Purpose::bootstrap, draw);
    double sum = 0;
    double weight = 0;
    for (std::size_t i = 0; i < ratio.sums.size(); ++i) {
      const auto user = static_cast<std::size_t>(random.uniform(i) * users);
      sum += ratio.sums[user];
      weight += ratio.weights[user];
    }
    values[draw] = quotient(sum, weight);
  });
  return values;
}

Interval middle(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {kNone, kNone};
  std::ranges::sort(values);
  const auto at = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  return {at(0.025), at(0.975)};
}

}  // namespace nnrec::serve
