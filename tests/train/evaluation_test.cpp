#include "nnrec/train/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/expect_error.hpp"
#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

/// Narrower than what an untrained model predicts, so that clipping changes something.
constexpr shards::RatingScale kScale{0.1, 4};

TEST(SquaredError, RmseIsTheRootOfSumOverCount) {
  EXPECT_NEAR((SquaredError{9.0, 5}.rmse()), 1.341641, 1e-6);
  EXPECT_TRUE(std::isnan((SquaredError{0.0, 0}.rmse())));
}

TEST(ErrorSums, LargeErrorsOverMoreRowsThanSixtyFourBitsHold) {
  ErrorSums sums;
  sums.add(std::vector{5000.0F}, std::vector{0.0F}, std::nullopt);
  for (int doubling = 0; doubling < 32; ++doubling)
    sums.add(ErrorSums(sums));  // of 4 thousand million
  comm::SelfCommunicator ranks;
  sums.sum(ranks);
  EXPECT_EQ(sums.left_out(), 0);
  EXPECT_EQ(sums.errors(std::int64_t{1} << 32, std::nullopt).rmse(), 5000.0);
}

TEST(LossRange, RatingsWhoseErrorsNoTileCanSumAreRefusedAtTheStart) {
  shards::Manifest manifest;
  manifest.rating_min = -3;
  manifest.rating_max = 200'000;
  require_loss_range(manifest);
  manifest.rating_max = 300'000;
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("ratings from -3 to 300000"),
                        [&] { require_loss_range(manifest); });
}

/// The first `rows` rows of the test part.
shards::RatingColumns first_rows(const testing::OwnedColumns& columns, std::size_t rows) {
  const auto view = columns.view();
  return view.slice(0, rows);
}

TEST(Evaluation, EveryRowCountsOnceOnAnyNumberOfRanks) {
  TinyTraining tiny("one_layer");
  const auto state = tiny.initial();
  for (const std::size_t rows : {1U, 7U, 10U, 64U, 65U, 80U}) {
    const auto columns = first_rows(tiny.test, rows);
    double squared = 0;
    double clipped = 0;
    double absolute = 0;
    auto workspace = tiny.network.make_workspace();
    for (std::size_t row = 0; row < rows; ++row) {
      features::Batch batch;
      tiny.features.gather(columns, std::vector<std::uint64_t>{row}, tiny.network.columns(), batch);
      tiny.network.predict(state.parameters, {&batch, 0, 1, 0, nullptr}, workspace);
      const double prediction = workspace.predictions[0];
      const double rating = columns.rating[row];
      squared += std::pow(prediction - rating, 2);
      clipped += std::pow(std::clamp(prediction, kScale.low, kScale.high) - rating, 2);
      absolute += std::abs(prediction - rating);
    }
    std::optional<Errors> reference;
    const auto count = static_cast<double>(rows);
    for (const int ranks : {1, 2, 3, 4, 8}) {
      test::run_ranks(ranks, [&](comm::Communicator& communicator) {
        const math::ThreadTeam team(2);
        NodeRows rows_in_memory(columns);
        Evaluator evaluator(tiny.input(rows_in_memory), team, {kScale});
        const Errors errors = evaluator.evaluate(communicator, state.parameters);
        EXPECT_EQ(errors.squared.rows, static_cast<std::int64_t>(rows));
        EXPECT_NEAR(errors.rmse(), std::sqrt(squared / count), 1e-5);
        EXPECT_NEAR(errors.clipped.value().rmse(), std::sqrt(clipped / count), 1e-5);
        EXPECT_NEAR(errors.mae(), absolute / count, 1e-5);
        if (communicator.rank() != 0) return;
        if (!reference) reference = errors;
        EXPECT_EQ(errors.squared.sum, reference->squared.sum) << "the same bits on " << ranks;
        EXPECT_EQ(errors.clipped->sum, reference->clipped->sum) << "the same bits on " << ranks;
        EXPECT_EQ(errors.absolute_sum, reference->absolute_sum) << "the same bits on " << ranks;
      });
    }
  }
}

TEST(Evaluation, WarmRowsAreThoseWhoseUserAndItemAreTrained) {
  TinyTraining tiny("one_layer");
  const auto state = tiny.initial();
  // Training knows the users and items of its first 7 rows alone.
  const auto training = tiny.training.view().slice(0, 7);
  const auto has = [](auto column, auto value) { return std::ranges::count(column, value) > 0; };
  test::run_ranks(3, [&](comm::Communicator& ranks) {
    const math::ThreadTeam team(2);
    NodeRows training_rows(training);
    NodeRows all(tiny.test.view());
    const TrainingTally tally(ranks, team, training_rows, tiny.features, tiny.set.manifest());
    const auto errors =
        Evaluator(tiny.input(all), team, {kScale, &tally}).evaluate(ranks, state.parameters);
    testing::OwnedColumns warm;
    for (std::size_t row = 0; row < all.size(); ++row) {
      const auto one = tiny.test.view().slice(row, 1);
      if (!has(training.user, one.user[0]) || !has(training.item, one.item[0])) continue;
      warm.user.push_back(one.user[0]);
      warm.item.push_back(one.item[0]);
      warm.rating.push_back(one.rating[0]);
      warm.timestamp.push_back(one.timestamp[0]);
    }
    NodeRows warm_rows(warm.view());
    const auto of_warm = Evaluator(tiny.input(warm_rows), team).evaluate(ranks, state.parameters);
    EXPECT_GT(of_warm.squared.rows, 0);
    EXPECT_LT(of_warm.squared.rows, 80);
    EXPECT_EQ(errors.warm.rows, of_warm.squared.rows);
    EXPECT_NEAR(errors.warm.rmse(), of_warm.rmse(), 1e-5);
    EXPECT_EQ(of_warm.warm.rows, 0) << "nothing told which are";
  });
}

TEST(Evaluation, NoRowsGiveNaNAndNoHang) {
  TinyTraining tiny("basic");
  test::run_ranks(2, [&](comm::Communicator& ranks) {
    const math::ThreadTeam team(1);
    NodeRows none{shards::RatingColumns{}};
    Evaluator evaluator(tiny.input(none), team);
    const Errors errors = evaluator.evaluate(ranks, tiny.initial().parameters);
    EXPECT_EQ(errors.squared.rows, 0);
    EXPECT_TRUE(std::isnan(errors.rmse()));
    EXPECT_TRUE(std::isnan(errors.mae()));
    EXPECT_FALSE(errors.clipped.has_value());
  });
}

TEST(Evaluation, PredictionsThatAreNotFiniteAreRefused) {
  TinyTraining tiny("basic");
  auto state = tiny.initial();
  for (float& value : state.parameters.values(0)) value = std::nanf("");
  comm::SelfCommunicator self;
  const math::ThreadTeam team(1);
  NodeRows rows(tiny.test.view());
  Evaluator evaluator(tiny.input(rows), team);
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("not finite"),
                        [&] { evaluator.evaluate(self, state.parameters); });
}

}  // namespace
}  // namespace nnrec::train
