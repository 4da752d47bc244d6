#include "nnrec/nn/ordinal.hpp"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

/// As the class says it, with the C library's functions and nothing rearranged.
struct Naive {
  Naive(const std::vector<float>& levels, const std::vector<float>& w)
      : l(levels.begin(), levels.end()) {
    const std::size_t k = l.size() - 1;
    cut.push_back((l[0] + l[1]) / 2 + static_cast<double>(w[0]));
    for (std::size_t c = 1; c < k; ++c)
      cut.push_back(cut.back() + (l[c + 1] - l[c - 1]) / 2 * std::exp(static_cast<double>(w[c])));
    s = 8 / (l[k] - l[0]) * std::exp(static_cast<double>(w[k]));
  }
  double probability(std::size_t level, double f) const {
    const double above_lower = level == 0 ? 1 : logistic(s * (f - cut[level - 1]));
    const double above_upper = level + 1 == l.size() ? 0 : logistic(s * (f - cut[level]));
    return above_lower - above_upper;
  }
  double loss(std::size_t level, double f) const { return -2 * std::log(probability(level, f)); }
  double mean(double f) const {
    double sum = 0;
    for (std::size_t i = 0; i < l.size(); ++i) sum += l[i] * probability(i, f);
    return sum;
  }
  double variance(double f) const {
    double sum = 0;
    for (std::size_t i = 0; i < l.size(); ++i)
      sum += (l[i] - mean(f)) * (l[i] - mean(f)) * probability(i, f);
    return sum;
  }
  double information(double f) const {
    constexpr double kStep = 1e-4;
    double sum = 0;
    for (std::size_t i = 0; i < l.size(); ++i) {
      const double slope = (loss(i, f + kStep) - loss(i, f - kStep)) / (2 * kStep) / -2;
      sum += slope * slope * probability(i, f);
    }
    return sum;
  }
  std::vector<double> l;
  std::vector<double> cut;
  double s = 0;
};

const std::vector<float> kStars{1, 2, 3, 4, 5};
const std::vector<float> kHalfStars{0.5F, 1, 1.5F, 2, 2.5F, 3, 3.5F, 4, 4.5F, 5};

class OrdinalOf : public ::testing::TestWithParam<std::vector<float>> {
 protected:
  OrdinalOf() : levels_(GetParam()), ordinal_(levels_), w_(levels_.size()) {
    const CounterRandom random(3, Purpose::synthetic, 0);
    for (std::size_t i = 0; i < w_.size(); ++i)
      w_[i] = static_cast<float>(random.words(i)[0] % 1000) / 1000.0F - 0.5F;
    for (std::size_t i = 0; i < 70; ++i) {
      const auto words = random.words(100 + i);
      ratings_.push_back(levels_[words[0] % levels_.size()]);
      // Beyond the ends, too, by a quarter of the range.
      const float part = static_cast<float>(words[1] % 1000) / 1000.0F;
      scores_.push_back(levels_.front() +
                        (1.5F * part - 0.25F) * (levels_.back() - levels_.front()));
    }
  }
  std::size_t level(std::size_t row) const {
    return static_cast<std::size_t>(std::ranges::find(levels_, ratings_[row]) - levels_.begin());
  }

  std::vector<float> levels_;
  Ordinal ordinal_;
  std::vector<float> w_;
  std::vector<float> ratings_;
  std::vector<float> scores_;
};
INSTANTIATE_TEST_SUITE_P(Levels, OrdinalOf,
                         ::testing::Values(std::vector<float>{0, 1}, std::vector<float>{-2, 3, 4},
                                           kStars, kHalfStars));

TEST_P(OrdinalOf, RatingsAreTheExpectedOnesWithTheirVariance) {
  const Naive naive(levels_, w_);
  std::vector<float> rated = scores_;
  std::vector<float> variances(rated.size());
  ordinal_.rate(w_, rated, variances);
  for (std::size_t i = 0; i < rated.size(); ++i) {
    const auto f = static_cast<double>(scores_[i]);
    EXPECT_NEAR(rated[i], naive.mean(f), 1e-6) << f;
    EXPECT_NEAR(variances[i], naive.variance(f), 1e-6) << f;
  }
}

TEST_P(OrdinalOf, GradientAgreesWithDifferencesOfTheLogLikelihood) {
  std::vector<float> rated = scores_;
  std::vector<float> dy(rated.size());
  std::vector<float> gradient(w_.size());
  const double squared_error =
      ordinal_.gradient(w_, ratings_, rated, {dy.data(), dy.size(), 1, 1}, gradient.data());
  const Naive naive(levels_, w_);
  constexpr double kStep = 1e-5;
  double expected_error = 0;
  for (std::size_t i = 0; i < rated.size(); ++i) {
    const auto f = static_cast<double>(scores_[i]);
    const double slope =
        (naive.loss(level(i), f + kStep) - naive.loss(level(i), f - kStep)) / (2 * kStep);
    EXPECT_NEAR(dy[i], slope, 1e-5 * (1 + std::abs(slope))) << i;
    EXPECT_NEAR(rated[i], naive.mean(f), 1e-6);
    expected_error += std::pow(naive.mean(f) - static_cast<double>(ratings_[i]), 2);
  }
  EXPECT_NEAR(squared_error, expected_error, 1e-4 * expected_error);
  for (std::size_t p = 0; p < w_.size(); ++p) {
    const auto loss = [&](float w) {
      std::vector<float> moved = w_;
      moved[p] = w;
      const Naive there(levels_, moved);
      double sum = 0;
      for (std::size_t i = 0; i < scores_.size(); ++i)
        sum += there.loss(level(i), static_cast<double>(scores_[i]));
      return sum;
    };
    const float above = w_[p] + 1e-3F;
    const float below = w_[p] - 1e-3F;
    const double slope = (loss(above) - loss(below)) / static_cast<double>(above - below);
    EXPECT_NEAR(gradient[p], slope, 1e-3 * (1 + std::abs(slope))) << "parameter " << p;
  }
}

TEST_P(OrdinalOf, WhatARatingTellsIsTheExpectedSquareOfTheSlope) {
  const Naive naive(levels_, w_);
  std::vector<float> roots = scores_;
  ordinal_.root_of_information(w_, roots);
  for (std::size_t i = 0; i < roots.size(); ++i)
    EXPECT_NEAR(roots[i], std::sqrt(naive.information(static_cast<double>(scores_[i]))), 1e-4);
}

TEST(Ordinal, CutsBeginBetweenTheLevels) {
  const auto cuts = Ordinal(kStars).cuts(std::vector<float>(5));
  EXPECT_THAT(std::vector(cuts.at.begin(), cuts.at.begin() + 4),
              ::testing::ElementsAre(1.5, 2.5, 3.5, 4.5));
  EXPECT_EQ(cuts.steepness, 2);
}

TEST(Ordinal, CutsKeepTheirOrderAndGradientsStayFiniteWhateverTheParameters) {
  const Ordinal ordinal(kStars);
  for (const float far : {-1e30F, -80.0F, 80.0F, 1e30F}) {
    const std::vector<float> w{0, far, far, far, far};
    const auto cuts = ordinal.cuts(w);
    for (std::size_t c = 1; c < 4; ++c) EXPECT_LT(cuts.at[c - 1], cuts.at[c]);
    std::vector<float> scores{-30, 1, 3, 1e6F};
    std::vector<float> dy(4);
    std::vector<float> gradient(5);
    ordinal.gradient(w, std::vector<float>{5, 3, 2, 1}, scores, {dy.data(), 4, 1, 1},
                     gradient.data());
    for (const float value : dy) EXPECT_TRUE(std::isfinite(value)) << far;
    for (const float value : gradient) EXPECT_TRUE(std::isfinite(value)) << far;
  }
}

// Ratings are drawn with known cuts and a known s around known scores; descent finds both.
TEST(Ordinal, CutsAndSteepnessThatDrewTheRatingsAreFound) {
  const std::vector<float> truth{0.4F, -0.5F, 0.3F, 0.2F, 0.35F};
  const Ordinal ordinal(kStars);
  const Naive naive(kStars, truth);
  const CounterRandom random(11, Purpose::synthetic, 0);
  std::vector<float> ratings;
  std::vector<float> scores;
  for (std::size_t i = 0; i < 20'000; ++i) {
    const auto words = random.words(i);
    const double f = 6 * static_cast<double>(words[0]) * 0x1p-32;
    double rest = static_cast<double>(words[1]) * 0x1p-32;
    std::size_t level = 0;
    while (level < 4 && rest > naive.probability(level, f)) rest -= naive.probability(level++, f);
    ratings.push_back(kStars[level]);
    scores.push_back(static_cast<float>(f));
  }
  std::vector<float> w(5, 0.0F);
  std::vector<float> dy(ratings.size());
  std::vector<float> gradient(5);
  for (int step = 0; step < 600; ++step) {
    std::vector<float> rated = scores;
    ordinal.gradient(w, ratings, rated, {dy.data(), dy.size(), 1, 1}, gradient.data());
    for (std::size_t p = 0; p < 5; ++p)
      w[p] -= 0.3F * gradient[p] / static_cast<float>(ratings.size());
  }
  const Ordinal::Cuts found = ordinal.cuts(w);
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(found.at[c], naive.cut[c], 0.05) << c;
  EXPECT_NEAR(found.steepness / naive.s, 1, 0.05);
}

TEST(Ordinal, LevelsAreReadBackAsTheyAreWritten) {
  EXPECT_EQ(text_of_levels(kHalfStars), "0.5,1,1.5,2,2.5,3,3.5,4,4.5,5");
  EXPECT_EQ(parse_levels(text_of_levels(kHalfStars)), kHalfStars);
  for (const char* text : {"", "1", "2,1", "1,1", "1,x", "1,nan", "1,2,"}) {
    expect_error(ErrorKind::input, HasSubstr("is not 2 to 32 rising levels"),
                 [&] { parse_levels(text); });
  }
}

}  // namespace
}  // namespace nnrec::nn
