#include "nnrec/nn/layers.hpp"

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

#include "support/graph_check.hpp"

namespace nnrec::nn {
namespace {

using testing::GraphCheck;

class DenseLayer : public ::testing::TestWithParam<Activation> {};
INSTANTIATE_TEST_SUITE_P(Activations, DenseLayer,
                         ::testing::Values(Activation::linear, Activation::relu));

TEST_P(DenseLayer, GradientAgreesWithFiniteDifferences) {
  GraphCheck check;
  const Value x = check.rows("x", 7);
  check.finish(check.narrow(check.add(dense(check.layout, x, {"dense", 3, GetParam()}))));
  check.expect_gradients(1e-3F);  // small steps stay on one side of the kinks of relu
}

TEST(DenseLayer, OfATableThatIsAveragedAgreesWithFiniteDifferences) {
  GraphCheck check;
  const Value whole = check.add(table(check.layout, "table", GraphCheck::kTableRows, 4));
  const Value each = check.add(dense(check.layout, whole, {"dense", 3, Activation::relu}));
  check.finish(check.narrow(check.add(bag_mean(each, 0))));
  check.expect_gradients(1e-3F);
}

TEST(DenseLayer, OfANumberHasNoGradientBehindIt) {
  GraphCheck check;
  const Value number = check.add(scalar(0));
  check.finish(check.narrow(check.add(dense(check.layout, number, {"dense", 3}))));
  check.expect_gradients();
}

TEST(DotLayer, GradientAgreesWithFiniteDifferences) {
  GraphCheck check;
  check.finish(check.narrow(check.rows("x", 9)));
  check.expect_gradients();
}

TEST(DotLayer, OfAValueWithItselfIsItsSquare) {
  GraphCheck check;
  const Value x = check.rows("x", 3);
  check.finish(check.add(dot(x, x)));
  check.expect_gradients();
}

TEST(BagEmbeddingLayer, GradientAgreesWithFiniteDifferences) {
  GraphCheck check;
  check.finish(check.narrow(check.bag_rows("words", 3)));
  check.expect_gradients();
  EXPECT_EQ(check.predict()[1], 0.0F) << "an empty bag gives 0";
}

TEST(BagEmbeddingLayer, ABagCountsByTheRootOfItsSize) {
  GraphCheck mean;
  mean.finish(mean.narrow(mean.bag_rows("words", 3)));
  GraphCheck root;
  root.finish(root.narrow(root.bag_rows("words", 3, BagScale::root)));
  root.expect_gradients();
  EXPECT_NE(root.predict(), mean.predict());
  EXPECT_EQ(root.predict()[1], 0.0F) << "an empty bag gives 0";
}

TEST(AddLayer, GradientAgreesWithFiniteDifferences) {
  GraphCheck check;
  const Value a = check.rows("a", 3);
  const Value b = check.rows("b", 3, 1);
  check.finish(check.narrow(check.add(add({a, b, a}))));
  check.expect_gradients();
}

TEST(BiasLayer, GradientAgreesWithFiniteDifferences) {
  GraphCheck check;
  const Value x = check.rows("x", 3);
  const Value moved = check.add(bias(check.layout, x, "bias"));
  check.finish(check.narrow(check.add(add({moved, x}))));
  check.expect_gradients();
}

TEST(InteractionLayer, IsTheSumOverPairsOfDotProducts) {
  GraphCheck check;
  const Value a = check.rows("a", 70);  // more columns than are worked on together
  const Value b = check.rows("b", 70, 1);
  const Value c = check.rows("c", 70, 1);
  check.finish(check.add(interaction({a, b, c})));
  const auto y = check.predict();
  for (std::size_t r = 0; r < GraphCheck::kRows; ++r) {
    const float* v[3] = {check.parameter(0).data() + 70 * check.id(0, r),
                         check.parameter(1).data() + 70 * check.id(1, r),
                         check.parameter(2).data() + 70 * check.id(1, r)};
    double expected = 0;
    for (std::size_t f = 0; f < 3; ++f) {
      for (std::size_t g = f + 1; g < 3; ++g) {
        for (std::size_t k = 0; k < 70; ++k) {
          expected += static_cast<double>(v[f][k]) * static_cast<double>(v[g][k]);
        }
      }
    }
    EXPECT_NEAR(static_cast<double>(y[r]), expected, 1e-4) << "row " << r;
  }
  check.expect_gradients();
}

TEST(ConcatLayer, PartsMayBeUsedElsewhereAndTwice) {
  GraphCheck check;
  const Value a = check.rows("a", 3);
  const Value b = check.bag_rows("b", 2);
  const Value number = check.add(scalar(0));
  const Value first = check.add(concat({a, b, number, a}));
  const Value second = check.add(concat({b, a}));
  const Value wide = check.add(dense(check.layout, first, {"dense1", 4, Activation::relu}));
  check.finish(check.add(add({check.narrow(wide), check.narrow(second), check.narrow(a)})));
  check.expect_gradients(1e-3F);
}

TEST(ConcatLayer, OfConcatsAndDropoutsAgreesWithFiniteDifferences) {
  const CounterDropout noise(3, 4);
  GraphCheck check;
  const Value a = check.rows("a", 3);
  const Value b = check.rows("b", 2, 1);
  const Value inner = check.add(concat({check.add(dropout(a, 0.4F, 0)), b}));
  const Value outer = check.add(concat({check.add(scalar(0)), inner}));
  check.finish(check.narrow(check.add(dropout(outer, 0.3F, 1))));
  check.set_dropout(&noise);
  check.expect_gradients();
}

TEST(DropoutLayer, OfAValueThatIsReadElsewhereLeavesItAsItIs) {
  const CounterDropout noise(3, 4);
  GraphCheck check;
  const Value x = check.rows("x", 8);
  const Value kept = check.add(dropout(x, 0.5F, 0));
  check.finish(check.add(dot(x, kept)));
  check.set_dropout(&noise);
  check.expect_gradients();
  const auto y = check.predict();
  check.set_dropout(nullptr);
  EXPECT_NE(y, check.predict());
}

TEST(EmbeddingLayer, CopiesRowsByIndex) {
  GraphCheck check;
  check.finish(check.rows("x", 1));
  const auto y = check.predict();
  for (std::size_t r = 0; r < GraphCheck::kRows; ++r) {
    EXPECT_EQ(y[r], check.parameter(0)[check.id(0, r)]);
  }
}

TEST(Layers, ShapesThatDoNotFitAreRefused) {
  GraphCheck check;
  const Value wide = check.rows("wide", 3);
  const Value narrow = check.rows("narrow", 2);
  const Value whole = check.add(table(check.layout, "whole", 6, 3));
  EXPECT_THROW(dot(wide, narrow), Error);
  EXPECT_THROW(dot(wide, whole), Error);
  EXPECT_THROW(add({wide, narrow}), Error);
  EXPECT_THROW(add({}), Error);
  EXPECT_THROW(interaction({wide}), Error);
  EXPECT_THROW(interaction({wide, narrow}), Error);
  EXPECT_THROW(concat({wide, whole}), Error);
  EXPECT_THROW(dropout(whole, 0.5F, 0), Error);
  EXPECT_THROW(bag_mean(wide, 0), Error);
}

TEST(Graph, AValueThatNobodyUsesIsRefused) {
  GraphCheck check;
  check.rows("unused", 3);
  const Value result = check.rows("x", 1);
  EXPECT_THROW(check.finish(result), Error);
}

TEST(Graph, AResultThatIsNotOneNumberARowIsRefused) {
  GraphCheck wide;
  EXPECT_THROW(wide.finish(wide.rows("x", 2)), Error);
  GraphCheck fixed;
  EXPECT_THROW(fixed.finish(fixed.add(table(fixed.layout, "x", 6, 1))), Error);
  GraphCheck used;
  const Value x = used.rows("x", 1);
  used.add(add({x, x}));
  EXPECT_THROW(used.finish(x), Error);
}

TEST(DropoutLayer, DropsTheRateKeepsTheMeanAndRepeatsItsChoice) {
  constexpr std::size_t kRows = 2000;
  constexpr std::size_t kUnits = 64;
  constexpr float kRate = 0.3F;
  const CounterDropout dropout(1, 5);
  std::vector<float> forward(kRows * kUnits, 1.0F);
  dropout.apply(kRate, 0, 100, {forward.data(), kRows, kUnits, kUnits});
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
  CounterDropout(1, 6).apply(kRate, 0, 100, {other.data(), kRows, kUnits, kUnits});
  EXPECT_NE(forward, other);
  std::vector<float> other_layer(kRows * kUnits, 1.0F);
  dropout.apply(kRate, 1, 100, {other_layer.data(), kRows, kUnits, kUnits});
  EXPECT_NE(forward, other_layer);
}

}  // namespace
}  // namespace nnrec::nn
