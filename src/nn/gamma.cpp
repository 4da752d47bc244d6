#include "nnrec/nn/gamma.hpp"

#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/nn/normal.hpp"

namespace nnrec::nn {

double gamma_draw(const CounterRandom& random, std::uint64_t index, double shape) {
  // Nineteen of twenty attempts or more are taken, so that all of these fail once in 2^270 draws.
  constexpr std::uint64_t kMostAttempts = 64;
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (std::uint64_t attempt = 0; attempt < kMostAttempts; ++attempt) {
    const std::uint64_t place = 2 * (index * kMostAttempts + attempt);
    const double x = standard_normal(random, place);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double threshold = 0.5 * x * x + d - d * v + d * natural_logarithm(v);
    if (natural_logarithm(1 - random.uniform(place + 1)) < threshold) return d * v;
  }
  throw InternalError("no gamma draw of shape {} in {} attempts", shape, kMostAttempts);
}

}  // namespace nnrec::nn
