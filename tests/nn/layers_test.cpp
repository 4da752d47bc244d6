#include "nnrec/nn/layers.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "nnrec/base/random.hpp"

#include "support/finite_difference.hpp"

namespace nnrec::nn {
namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  const CounterRandom random(seed, Purpose::synthetic, 0);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0F * random.uniform_float(i) - 1.0F;
  return values;
}

Matrix view(std::vector<float>& values, std::size_t rows, std::size_t cols) {
  return {values.data(), rows, cols, cols};
}

/// A loss whose gradient by y is `weight`: sum of weight * y.
double weighted_sum(const std::vector<float>& y, const std::vector<float>& weight) {
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += static_cast<double>(y[i]) * static_cast<double>(weight[i]);
  }
  return sum;
}

class DenseLayer : public ::testing::TestWithParam<Activation> {};
INSTANTIATE_TEST_SUITE_P(Activations, DenseLayer,
                         ::testing::Values(Activation::linear, Activation::relu));

TEST_P(DenseLayer, GradientAgreesWithFiniteDifferences) {
  constexpr std::size_t kRows = 5;
  constexpr std::size_t kInputs = 7;
  constexpr std::size_t kUnits = 3;
  auto x = random_values(kRows * kInputs, 1);
  auto w = random_values(kInputs * kUnits, 2);
  auto bias = random_values(kUnits, 3);
  const auto weight = random_values(kRows * kUnits, 4);
  std::vector<float> y(kRows * kUnits);
  const auto loss = [&] {
    dense_forward(view(x, kRows, kInputs), view(w, kInputs, kUnits), bias.data(), GetParam(),
                  view(y, kRows, kUnits));
    return weighted_sum(y, weight);
  };
  loss();
  auto dy = weight;
  std::vector<float> dw(w.size());
  std::vector<float> dbias(bias.size());
  std::vector<float> dx(x.size());
  dense_backward(view(x, kRows, kInputs), view(w, kInputs, kUnits), view(y, kRows, kUnits),
                 GetParam(), view(dy, kRows, kUnits),
                 {view(dw, kInputs, kUnits), dbias.data(), view(dx, kRows, kInputs)});
  // Small steps stay on one side of the kinks of relu.
  testing::expect_gradient(w, dw, loss, 1, 1e-3F);
  testing::expect_gradient(bias, dbias, loss, 1, 1e-3F);
  testing::expect_gradient(x, dx, loss, 1, 1e-3F);
}

TEST(DotLayer, GradientAgreesWithFiniteDifferences) {
  constexpr std::size_t kRows = 4;
  constexpr std::size_t kDim = 11;
  auto a = random_values(kRows * kDim, 1);
  auto b = random_values(kRows * kDim, 2);
  auto weight = random_values(kRows, 3);
  std::vector<float> y(kRows);
  const auto loss = [&] {
    dot_forward(view(a, kRows, kDim), view(b, kRows, kDim), view(y, kRows, 1));
    return weighted_sum(y, weight);
  };
  std::vector<float> da(a.size());
  std::vector<float> db(b.size());
  dot_backward(view(a, kRows, kDim), view(b, kRows, kDim), view(weight, kRows, 1),
               view(da, kRows, kDim), view(db, kRows, kDim));
  testing::expect_gradient(a, da, loss);
  testing::expect_gradient(b, db, loss);
}

TEST(BagMeanLayer, GradientAgreesWithFiniteDifferences) {
  constexpr std::size_t kTableRows = 6;
  constexpr std::size_t kDim = 3;
  auto table = random_values(kTableRows * kDim, 1);
  // A bag with a repeated member, an empty one, one of all.
  const std::vector<std::uint32_t> offsets{0, 3, 3, 4, 9};
  const std::vector<std::uint32_t> members{2, 5, 2, 0, 1, 2, 3, 4, 5};
  const Bags bags{offsets.data(), members.data()};
  const auto weight = random_values(4 * kDim, 2);
  std::vector<float> y(4 * kDim);
  const auto loss = [&] {
    bag_mean_forward(view(table, kTableRows, kDim), bags, view(y, 4, kDim));
    return weighted_sum(y, weight);
  };
  auto dy = weight;
  std::vector<float> dtable(table.size(), 0.0F);
  bag_mean_backward(bags, view(dy, 4, kDim));
  bag_mean_scatter(bags, view(dy, 4, kDim), view(dtable, kTableRows, kDim));
  testing::expect_gradient(table, dtable, loss);
  loss();
  for (std::size_t c = 0; c < kDim; ++c) EXPECT_EQ(y[kDim + c], 0.0F) << "an empty bag gives 0";
}

TEST(EmbeddingLayer, CopiesRowsByIndex) {
  auto table = random_values(5 * 4, 1);
  const std::vector<std::uint32_t> index{4, 0, 4};
  std::vector<float> y(3 * 4);
  embedding_forward(view(table, 5, 4), index.data(), view(y, 3, 4));
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 4; ++c) EXPECT_EQ(y[r * 4 + c], table[index[r] * 4 + c]);
  }
}

TEST(DropoutLayer, DropsTheRateKeepsTheMeanAndRepeatsItsChoice) {
  constexpr std::size_t kRows = 2000;
  constexpr std::size_t kUnits = 64;
  constexpr float kRate = 0.3F;
  const CounterDropout dropout(1, 5);
  std::vector<float> forward(kRows * kUnits, 1.0F);
  dropout.apply(kRate, 0, 100, view(forward, kRows, kUnits));
  double sum = 0;
  std::size_t dropped = 0;
  for (const float value : forward) {
    sum += static_cast<double>(value);
    dropped += value == 0.0F ? 1 : 0;
  }
  const auto count = static_cast<double>(forward.size());
  EXPECT_NEAR(static_cast<double>(dropped) / count, 0.3, 0.006);
  EXPECT_NEAR(sum / count, 1.0, 0.01);

  std::vector<float> again(kRows * kUnits, 1.0F);
  // In two calls: the choice follows the position, not the call.
  dropout.apply(kRate, 0, 100, {again.data(), 7, kUnits, kUnits});
  dropout.apply(kRate, 0, 107, {again.data() + 7 * kUnits, kRows - 7, kUnits, kUnits});
  EXPECT_EQ(forward, again);

  std::vector<float> other(kRows * kUnits, 1.0F);
  CounterDropout(1, 6).apply(kRate, 0, 100, view(other, kRows, kUnits));
  EXPECT_NE(forward, other);
  std::vector<float> other_layer(kRows * kUnits, 1.0F);
  dropout.apply(kRate, 1, 100, view(other_layer, kRows, kUnits));
  EXPECT_NE(forward, other_layer);
}

}  // namespace
}  // namespace nnrec::nn
