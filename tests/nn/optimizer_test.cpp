#include "nnrec/nn/optimizer.hpp"

#include <array>
#include <cmath>
#include <functional>

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

/// A block of parameters with the state of one optimiser, filled by functions of the element.
class Rows {
 public:
  Rows(const std::string& optimizer, std::size_t rows, std::size_t cols)
      : optimizer_(make_optimizer(optimizer).optimizer), rows_(rows), cols_(cols) {
    for (std::size_t i = 0; i < rows * cols; ++i) {
      parameters.push_back(static_cast<float>(std::sin(3.0 + 7.0 * static_cast<double>(i))));
    }
    for (const Slot& slot : optimizer_->slots()) {
      const std::size_t floats = slot.shape == SlotShape::row ? rows : rows * cols;
      state.emplace_back(floats, slot.initial);
    }
  }

  /// As the gradient of update `number`: some of them zero.
  static float gradient(std::uint64_t number, std::size_t element) {
    const double wave = std::sin(static_cast<double>(13 * number + 5 * element));
    return element % 11 == 3 ? 0.0F : static_cast<float>(wave + 0.3);
  }

  void update(const std::vector<std::uint32_t>& which, const Optimizer::Step& step) {
    std::vector<float> gradients;
    for (const std::uint32_t row : which) {
      for (std::size_t c = 0; c < cols_; ++c)
        gradients.push_back(gradient(step.number, row * cols_ + c));
    }
    RowsToUpdate rows = begin(gradients);
    rows.rows = which.data();
    rows.count = which.size();
    optimizer_->update(rows, step);
  }
  void update_all(const Optimizer::Step& step) {
    std::vector<float> gradients;
    for (std::size_t i = 0; i < parameters.size(); ++i)
      gradients.push_back(gradient(step.number, i));
    RowsToUpdate rows = begin(gradients);
    rows.count = rows_;
    optimizer_->update(rows, step);
  }

  std::vector<float> parameters;
  std::vector<std::vector<float>> state;

 private:
  RowsToUpdate begin(const std::vector<float>& gradients) {
    RowsToUpdate rows;
    rows.parameters = parameters.data();
    rows.gradient = gradients.data();
    rows.cols = cols_;
    for (std::size_t slot = 0; slot < state.size(); ++slot)
      rows.state.at(slot) = state[slot].data();
    return rows;
  }

  std::shared_ptr<const Optimizer> optimizer_;
  std::size_t rows_;
  std::size_t cols_;
};

using Vector = std::vector<double>;

/// One row's update in doubles, as the papers write it: w and state change. t from 1.
using Twin =
    std::function<void(Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int t)>;

/// 20 updates of rows 1 and 4 of six, and of all rows every third time, against the twin.
void expect_twin(const std::string& optimizer, std::size_t slots, double initial,
                 const Twin& twin) {
  for (const std::size_t cols : {1U, 3U, 8U, 37U}) {
    constexpr std::size_t kRows = 6;
    Rows actual(optimizer, kRows, cols);
    std::vector<Vector> w(kRows);
    for (std::size_t i = 0; i < kRows * cols; ++i) w[i / cols].push_back(actual.parameters[i]);
    std::vector<std::vector<Vector>> state(kRows,
                                           std::vector<Vector>(slots, Vector(cols, initial)));
    for (int t = 1; t <= 20; ++t) {
      const double rate = 0.05 / t;
      const Optimizer::Step step{rate, static_cast<std::uint64_t>(t)};
      const std::vector<std::uint32_t> touched = t % 3 == 0
                                                     ? std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}
                                                     : std::vector<std::uint32_t>{4, 1};
      for (const std::uint32_t row : touched) {
        Vector g;
        for (std::size_t c = 0; c < cols; ++c)
          g.push_back(Rows::gradient(step.number, row * cols + c));
        twin(w[row], state[row], g, rate, t);
      }
      t % 6 == 0 ? actual.update_all(step) : actual.update(touched, step);
    }
    for (std::size_t i = 0; i < kRows * cols; ++i) {
      ASSERT_NEAR(actual.parameters[i], w[i / cols][i % cols], 2e-5)
          << cols << " cols, element " << i;
    }
  }
}

TEST(Adagrad, FollowsItsFormula) {
  expect_twin("adagrad:initial_accumulator=0.2,epsilon=0.01", 1, 0.2,
              [](Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int) {
                for (std::size_t c = 0; c < w.size(); ++c) {
                  state[0][c] += g[c] * g[c];
                  w[c] -= rate * g[c] / std::sqrt(state[0][c] + 0.01);
                }
              });
}

TEST(RowwiseAdagrad, FollowsItsFormula) {
  expect_twin("rowwise_adagrad:initial_accumulator=0.2,epsilon=0.01", 1, 0.2,
              [](Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int) {
                double squares = 0;
                for (const double value : g) squares += value * value;
                state[0][0] += squares / static_cast<double>(g.size());
                for (std::size_t c = 0; c < w.size(); ++c)
                  w[c] -= rate * g[c] / std::sqrt(state[0][0] + 0.01);
              });
}

TEST(Sgd, FollowsItsFormula) {
  expect_twin("sgd", 0, 0, [](Vector& w, std::vector<Vector>&, const Vector& g, double rate, int) {
    for (std::size_t c = 0; c < w.size(); ++c) w[c] -= rate * g[c];
  });
}

TEST(Momentum, FollowsItsFormula) {
  expect_twin("momentum:momentum=0.8", 1, 0,
              [](Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int) {
                for (std::size_t c = 0; c < w.size(); ++c) {
                  state[0][c] = 0.8 * state[0][c] + g[c];
                  w[c] -= rate * state[0][c];
                }
              });
}

// In the form that looks ahead: the gradient is taken at w, and w goes on as if v had been added
// once more.
TEST(Momentum, FollowsNesterovsFormula) {
  expect_twin("momentum:momentum=0.8,nesterov=yes", 1, 0,
              [](Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int) {
                for (std::size_t c = 0; c < w.size(); ++c) {
                  const double old = state[0][c];
                  state[0][c] = 0.8 * old + g[c];
                  w[c] -= rate * (g[c] + 0.8 * (g[c] + 0.8 * old));
                }
              });
}

/// The paper's algorithm, bias corrections written out; `decay` as AdamW has it.
Twin adam_twin(double decay) {
  return [decay](Vector& w, std::vector<Vector>& state, const Vector& g, double rate, int t) {
    for (std::size_t c = 0; c < w.size(); ++c) {
      state[0][c] = 0.8 * state[0][c] + 0.2 * g[c];
      state[1][c] = 0.99 * state[1][c] + 0.01 * g[c] * g[c];
      const double mean = state[0][c] / (1 - std::pow(0.8, t));
      const double square = state[1][c] / (1 - std::pow(0.99, t));
      // epsilon beside the uncorrected root: the paper's epsilon hat.
      const double epsilon = 1e-3 / std::sqrt(1 - std::pow(0.99, t));
      w[c] -= rate * decay * w[c] + rate * mean / (std::sqrt(square) + epsilon);
    }
  };
}

TEST(Adam, FollowsThePaper) {
  expect_twin("adam:beta1=0.8,beta2=0.99,epsilon=0.001", 2, 0, adam_twin(0));
}

TEST(AdamW, DecaysBesideTheStep) {
  expect_twin("adamw:beta1=0.8,beta2=0.99,epsilon=0.001,decay=0.5", 2, 0, adam_twin(0.5));
}

TEST(AdamW, WithoutDecayHasTheBitsOfAdam) {
  Rows adam("adam", 3, 5);
  Rows adamw("adamw:decay=0", 3, 5);
  for (std::uint64_t t = 1; t <= 5; ++t) {
    adam.update_all({0.1, t});
    adamw.update_all({0.1, t});
  }
  EXPECT_EQ(adamw.parameters, adam.parameters);
}

// A row hit twice in a batch receives the sum of both gradients once: 1 + 1 = 2 on an accumulator
// of 0 gives accumulator 4 and a step of 2 / sqrt(4) = 1; two updates would give 1 + 1/sqrt(2).
// C09: a row that a batch has twice is updated once, by the sum: a step of 2 / sqrt(4).
TEST(Adagrad, MergedGradientGivesOneStep) {
  const auto adagrad = make_optimizer("adagrad:initial_accumulator=0,epsilon=1e-30").optimizer;
  float weight = 5.0F;
  float accumulator = 0.0F;
  const float gradient = 2.0F;
  RowsToUpdate rows;
  rows.parameters = &weight;
  rows.state[0] = &accumulator;
  rows.gradient = &gradient;
  rows.count = rows.cols = 1;
  adagrad->update(rows, {1.0, 1});
  EXPECT_EQ(accumulator, 4.0F);
  EXPECT_EQ(weight, 4.0F);
}

class OptimizerOf : public ::testing::TestWithParam<std::string> {
 protected:
  std::string name() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(EveryOptimizer, OptimizerOf, ::testing::ValuesIn(optimizer_names()),
                         [](const auto& test) { return test.param; });

TEST_P(OptimizerOf, RowsThatAreNotTouchedKeepEveryBit) {
  Rows rows(name(), 6, 9);
  rows.update_all({0.1, 1});
  const Rows before = rows;
  rows.update({1, 4}, {0.1, 2});
  for (std::size_t row = 0; row < 6; ++row) {
    const bool touched = row == 1 || row == 4;
    for (std::size_t i = row * 9; i < row * 9 + 9; ++i) {
      EXPECT_TRUE(touched || rows.parameters[i] == before.parameters[i]) << "row " << row;
    }
    for (std::size_t slot = 0; slot < rows.state.size() && !touched; ++slot) {
      const std::size_t floats = rows.state[slot].size() / 6;
      for (std::size_t i = row * floats; i < (row + 1) * floats; ++i) {
        EXPECT_EQ(rows.state[slot][i], before.state[slot][i]) << "slot " << slot << " row " << row;
      }
    }
  }
  EXPECT_NE(rows.parameters[9], before.parameters[9]);
}

TEST_P(OptimizerOf, OrderAndCutOfRowsChangeNoBit) {
  Rows together(name(), 7, 13);
  Rows apart(name(), 7, 13);
  for (std::uint64_t t = 1; t <= 4; ++t) {
    together.update_all({0.1, t});
    apart.update({6, 2}, {0.1, t});
    for (const std::uint32_t row : {0U, 5U, 3U, 1U, 4U}) apart.update({row}, {0.1, t});
  }
  EXPECT_EQ(apart.parameters, together.parameters);
  EXPECT_EQ(apart.state, together.state);
}

// One long row is updated with vector instructions, rows of one element are not.
TEST_P(OptimizerOf, VectorsGiveTheBitsOfSingleElements) {
  for (const Slot& slot : make_optimizer(name()).optimizer->slots()) {
    if (slot.shape == SlotShape::row) return;  // whose rows of one element are another rule
  }
  Rows wide(name(), 1, 61);
  Rows narrow(name(), 61, 1);
  for (std::uint64_t t = 1; t <= 6; ++t) {
    wide.update_all({0.03, t});
    narrow.update_all({0.03, t});
  }
  EXPECT_EQ(narrow.parameters, wide.parameters);
  EXPECT_EQ(narrow.state, wide.state);
}

TEST_P(OptimizerOf, ARateOfZeroMovesNothing) {
  Rows rows(name(), 3, 5);
  const auto before = rows.parameters;
  for (std::uint64_t t = 1; t <= 3; ++t) rows.update_all({0.0, t});
  EXPECT_EQ(rows.parameters, before);
}

TEST_P(OptimizerOf, FindsTheMinimumOfAParabola) {
  const auto optimizer = make_optimizer(name()).optimizer;
  float weight = 3.0F;
  std::array<float, kMostSlots> state{};
  RowsToUpdate rows;
  rows.parameters = &weight;
  rows.count = rows.cols = 1;
  const auto slots = optimizer->slots();
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    state.at(slot) = slots[slot].initial;
    rows.state.at(slot) = &state.at(slot);
  }
  for (std::uint64_t t = 1; t <= 400; ++t) {
    const float gradient = 2 * (weight - 1);
    rows.gradient = &gradient;
    optimizer->update(rows, {0.1, t});
  }
  EXPECT_NEAR(weight, 1.0F, 0.1F);
}

TEST_P(OptimizerOf, ItsTextMakesItAgain) {
  const std::string text = make_optimizer(name()).text();
  EXPECT_THAT(text, ::testing::StartsWith(name()));
  EXPECT_EQ(make_optimizer(text).text(), text);
  EXPECT_THAT(describe_optimizers(), HasSubstr("\n  " + text + ": "));
}

TEST(Optimizer, AnUnknownNameIsRefusedWithTheNearest) {
  expect_error(ErrorKind::usage, HasSubstr("adamx is not one of adagrad, sgd, adam"),
               [] { make_optimizer("adamx"); });
  expect_error(ErrorKind::usage, HasSubstr("did you mean momentum?"),
               [] { make_optimizer("momentun"); });
}

TEST(Optimizer, ASettingOutOfItsRangeIsRefused) {
  for (const char* text :
       {"adam:beta1=1", "adam:beta2=-0.1", "adagrad:epsilon=0", "momentum:nesterov=1",
        "adamw:decay=-1", "momentum:momentum=1", "rowwise_adagrad:initial_accumulator=-1"}) {
    expect_error(ErrorKind::usage, HasSubstr(" is not "), [&] { make_optimizer(text); });
  }
}

}  // namespace
}  // namespace nnrec::nn
