#include "nnrec/math/exponential.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace nnrec::math {
namespace {

constexpr int kTerms = 14;

/// 1 / k!
constexpr auto kInverseFactorials = [] {
  std::array<double, kTerms> inverse{1};
  double factorial = 1;
  for (int k = 1; k < kTerms; ++k) {
    factorial *= k;
    inverse[static_cast<std::size_t>(k)] = 1 / factorial;
  }
  return inverse;
}();

}  // namespace

double exponential(double x) {
  constexpr double kMost = 700;
  constexpr double kLog2OfE = 1.4426950408889634074;
  // ln 2 in two parts: products of the first, of few digits, with whole numbers are exact.
  constexpr double kLn2 = 0x1.62e42fee00000p-1;
  constexpr double kLn2Rest = 0x1.a39ef35793c76p-33;
  constexpr std::uint64_t kExponentBias = 1023;
  constexpr int kMantissaBits = 52;
  if (!(x == x)) return x;
  x = std::clamp(x, -kMost, kMost);
  const double halves = x * kLog2OfE;
  const auto power = static_cast<std::int64_t>(halves < 0 ? halves - 0.5 : halves + 0.5);
  const auto n = static_cast<double>(power);
  const double rest = (x - n * kLn2) - n * kLn2Rest;  // |rest| < 0.347
  double sum = kInverseFactorials.back();             // the first term left out is below 5e-18
  for (std::size_t k = kTerms - 1; k-- > 0;) sum = sum * rest + kInverseFactorials[k];
  return sum * std::bit_cast<double>((static_cast<std::uint64_t>(power) + kExponentBias)
                                     << kMantissaBits);
}

}  // namespace nnrec::math
