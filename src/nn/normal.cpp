#include "nnrec/nn/normal.hpp"

#include <cmath>

#include "nnrec/nn/rate_schedule.hpp"

namespace nnrec::nn {

double standard_normal(const CounterRandom& random, std::uint64_t index) {
  const auto word = random.words(index);
  const auto uniform = [](std::uint32_t high, std::uint32_t low) {
    return static_cast<double>(((std::uint64_t{high} << 32) | low) >> 11) * 0x1p-53;
  };
  const double radius = std::sqrt(-2 * natural_logarithm(1 - uniform(word[0], word[1])));
  // Half a turn has every cosine as often as a whole one.
  return radius * cosine_of_half_turns(uniform(word[2], word[3]));
}

double natural_logarithm(double x) {
  constexpr double kLn2 = 0.69314718055994530942;
  constexpr double kRootOfHalf = 0.70710678118654752440;
  int exponent = 0;
  double part = std::frexp(x, &exponent);  // exact, in [1/2, 1)
  if (part < kRootOfHalf) {
    part *= 2;
    --exponent;
  }
  // ln(part) = 2 artanh(s), and |s| < 0.172: the first term left out, s^23 / 23, is below 2e-19.
  constexpr int kLastPower = 21;
  const double s = (part - 1) / (part + 1);
  const double square = s * s;
  double sum = 0;
  for (int power = kLastPower; power > 1; power -= 2) sum = (sum + 1.0 / power) * square;
  return static_cast<double>(exponent) * kLn2 + 2 * s * (1 + sum);
}

}  // namespace nnrec::nn
