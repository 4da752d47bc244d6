#pragma once

namespace nnrec::math {

/// e^x to the last bits of a double, by additions and products alone: C libraries differ in it.
/// x beyond +-700 counts as +-700, NaN stays. Source: Cody and Waite 1980, "Software manual for the
/// elementary functions", chapter 6 (the reduction).
double exponential(double x);

/// 1 / (1 + e^-x).
inline double logistic(double x) {
  return 1 / (1 + exponential(-x));
}

}  // namespace nnrec::math
