#include "nnrec/math/normals.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/math/kernels.hpp"

namespace nnrec::math {
namespace {

std::vector<float> normals(std::size_t count, std::uint64_t step, std::uint64_t first = 0) {
  std::vector<float> out(count);
  standard_normals({3, Purpose::langevin_noise, step}, first, out);
  return out;
}

TEST(Normals, HaveTheMomentsAndTailsOfTheNormalDistribution) {
  constexpr std::size_t kCount = 1 << 20;
  std::array<double, 4> moments{};
  std::array<double, 4> beyond{};
  for (const float x : normals(kCount, 5)) {
    for (std::size_t power = 0; power < 4; ++power) {
      moments.at(power) += std::pow(static_cast<double>(x), power + 1) / kCount;
    }
    for (std::size_t k = 0; k < 4; ++k) beyond.at(k) += std::abs(x) > static_cast<float>(k + 1);
  }
  // Five standard errors each.
  const double n = kCount;
  EXPECT_NEAR(moments[0], 0, 5 * std::sqrt(1 / n));
  EXPECT_NEAR(moments[1], 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(moments[2], 0, 5 * std::sqrt(15 / n));
  EXPECT_NEAR(moments[3], 3, 5 * std::sqrt(96 / n));
  for (std::size_t k = 0; k < 4; ++k) {
    const double share = std::erfc(static_cast<double>(k + 1) / std::sqrt(2.0));
    EXPECT_NEAR(beyond.at(k), share * n, 5 * std::sqrt(share * n)) << k + 1;
  }
}

TEST(Normals, OfNeighboursAndOfStepsAreIndependent) {
  constexpr std::size_t kCount = 1 << 18;
  const auto here = normals(kCount + 4, 8);
  const auto next = normals(kCount + 4, 9);
  for (std::size_t lag = 0; lag < 4; ++lag) {
    std::array<double, 4> products{};
    for (std::size_t i = 0; i < kCount; ++i) {
      const double a = here[i];
      const double b = here[i + lag + 1];
      const double c = next[i + lag];
      products[0] += a * b;
      products[1] += a * c;
      products[2] += (a * a - 1) * (b * b - 1);  // a pair shares its radius, not its squares
      products[3] += (a * a - 1) * (c * c - 1);
    }
    for (std::size_t kind = 0; kind < 4; ++kind) {
      const double deviation = kind < 2 ? 1 : 2;
      EXPECT_NEAR(products.at(kind) / std::sqrt(kCount), 0, 5 * deviation) << lag << " " << kind;
    }
  }
}

TEST(Normals, AreAFunctionOfTheirNumberOnEveryProcessor) {
  for (const std::size_t count : {4U, 8U, 60U, 64U, 68U, 516U}) {
    use_kernels("reference");
    const auto expected = normals(count, 7, 12);
    use_kernels("auto");
    for (const std::string& name : available_kernels()) {
      use_kernels(name);
      EXPECT_EQ(normals(count, 7, 12), expected) << name << " " << count;
      const auto more = normals(count + 12, 7);
      EXPECT_EQ(std::vector<float>(more.begin() + 12, more.end()), expected) << name;
    }
    use_kernels("auto");
  }
}

}  // namespace
}  // namespace nnrec::math
