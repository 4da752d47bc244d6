#pragma once

#include <cstdint>

namespace nnrec::nn {

/// base^exponent by squaring: the same bits with every libm.
constexpr double integer_power(double base, std::uint64_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent >>= 1, base *= base) {
    if ((exponent & 1) != 0) result *= base;
  }
  return result;
}

}  // namespace nnrec::nn
