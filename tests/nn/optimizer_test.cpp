#include "nnrec/nn/optimizer.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

// A row hit twice in a batch receives the sum of both gradients once: 1 + 1 = 2 on an accumulator
// of 0 gives accumulator 4 and a step of 2 / sqrt(4) = 1; two updates would give 1 + 1/sqrt(2).
TEST(Adagrad, MergedGradientGivesOneStep) {
  const auto adagrad = make_adagrad({0.0F, 0.0F});
  float weight = 5.0F;
  float accumulator = 0.0F;
  const float gradient = 2.0F;
  const std::array<float*, 1> state{&accumulator};
  adagrad->update({&weight, &gradient, state.data(), 1}, 1.0);
  EXPECT_EQ(accumulator, 4.0F);
  EXPECT_EQ(weight, 4.0F);
}

TEST(Adagrad, EpsilonStandsInsideTheRoot) {
  const auto adagrad = make_adagrad({0.1F, 1e-2F});
  float weight = 1.0F;
  float accumulator = 0.1F;
  const float gradient = -0.5F;
  const std::array<float*, 1> state{&accumulator};
  adagrad->update({&weight, &gradient, state.data(), 1}, 0.1);
  EXPECT_FLOAT_EQ(accumulator, 0.35F);
  EXPECT_FLOAT_EQ(weight, 1.0F + 0.05F / std::sqrt(0.36F));
}

TEST(Adagrad, ZeroGradientChangesNothing) {
  const auto adagrad = make_adagrad({});
  float weight = 0.3F;
  float accumulator = 0.1F;
  const float gradient = 0.0F;
  const std::array<float*, 1> state{&accumulator};
  adagrad->update({&weight, &gradient, state.data(), 1}, 0.1);
  EXPECT_EQ(weight, 0.3F);
  EXPECT_EQ(accumulator, 0.1F);
}

TEST(Adagrad, StateStartsAtTheInitialAccumulator) {
  ParameterLayout layout;
  layout.add("user", 2, 3, BlockKind::table, InitialValues::zero);
  const auto state = make_adagrad({})->make_state(layout);
  ASSERT_EQ(state.size(), 1U);
  for (const float value : state[0].values(0)) EXPECT_EQ(value, 0.1F);
}

TEST(Sgd, StepsAgainstTheGradient) {
  float weight = 1.0F;
  const float gradient = 0.5F;
  make_sgd()->update({&weight, &gradient, nullptr, 1}, 0.1);
  EXPECT_FLOAT_EQ(weight, 0.95F);
  EXPECT_TRUE(make_sgd()->slots().empty());
}

// Against the paper's algorithm 1 in doubles, bias corrections written out.
TEST(Adam, FollowsThePaperForTenUpdates) {
  const auto adam = make_adam({0.9F, 0.999F, 1e-8F});
  float weight = 1.0F;
  float mean = 0.0F;
  float square = 0.0F;
  const std::array<float*, 2> state{&mean, &square};
  double w = 1;
  double m = 0;
  double v = 0;
  for (int t = 1; t <= 10; ++t) {
    const auto gradient = static_cast<float>(std::sin(t) + 0.5);
    const double g = static_cast<double>(gradient);
    adam->update({&weight, &gradient, state.data(), 1},
                 adam->rate(0.05, static_cast<std::uint64_t>(t)));
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    w -= 0.05 * (m / (1 - std::pow(0.9, t))) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    EXPECT_NEAR(static_cast<double>(weight), w, 2e-5) << "update " << t;
  }
}

TEST(Optimizer, IsFoundByName) {
  for (const char* name : {"adagrad", "sgd", "adam"}) EXPECT_EQ(make_optimizer(name)->name(), name);
  testing::expect_error(
      ErrorKind::usage,
      ::testing::HasSubstr("adamw is not one of adagrad, sgd, adam (did you mean adam?)"),
      [] { make_optimizer("adamw"); });
}

}  // namespace
}  // namespace nnrec::nn
