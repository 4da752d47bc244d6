#include "nnrec/train/sampler.hpp"

#include <cmath>
#include <mutex>
#include <numeric>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/train/trainer.hpp"

#include "support/thread_communicator.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::TinyTraining;

/// Trains a tiny set with sampling on some ranks of a node.
struct Sampled {
  Sampled(TinyTraining& tiny, comm::Communicator& ranks, int threads,
          const Trainer::Options& options, double variance = 1.5)
      : team(threads),
        training(ranks, team, tiny.set, shards::Part::train),
        test(ranks, team, tiny.set, shards::Part::test),
        tally(ranks, team, training, tiny.features, tiny.set.manifest()),
        trainer(ranks, team, tiny.input(training), *tiny.rules, with_facts(options, variance),
                start(tiny, ranks)),
        evaluator(tiny.input(test), team) {}

  Trainer::Options with_facts(Trainer::Options options, double variance) const {
    options.facts = {&tally, variance};
    return options;
  }
  TrainState start(const TinyTraining& tiny, comm::Communicator& ranks) const {
    TrainState state = tiny.on_node(ranks, tiny.initial());
    if (ranks.node_rank() == 0) tally.clear_untrained(tiny.network, state.parameters);
    ranks.node_barrier();
    state.sampling.emplace(ranks, tiny.network.layout());
    state.sampling->test.emplace(ranks, test.size());
    return state;
  }

  math::ThreadTeam team;
  NodeRows training;
  NodeRows test;
  TrainingTally tally;
  Trainer trainer;
  Evaluator evaluator;
};

/// Makes it user bias + title bias: a linear model of indicator columns.
void make_linear(TinyTraining& tiny, const std::vector<float>& levels = {}) {
  models::Network net;
  const auto rows = tiny.features.table_rows();
  const auto bias = [&](const char* name, features::IdColumn column, std::size_t count) {
    return net.embedding(name, column, count, 1, models::InitialValues::zero);
  };
  const auto user = bias("user_bias", features::IdColumn::user, rows.users);
  const auto title = bias("title_bias", features::IdColumn::title, rows.titles);
  net.rating(net.add({user, title}), static_cast<float>(tiny.set.manifest().train_rating_mean),
             levels);
  tiny.network = std::move(net);
  tiny.rules.emplace(
      tiny.network.layout(),
      nn::UpdateOptions{"adam:beta2=0.99", 0.02, {"*:rows=all", "ordinal:optimizer=sgd,rate=0"}});
}

/// The inverse of a positive definite matrix, by Gauss and Jordan.
std::vector<std::vector<double>> inverse(std::vector<std::vector<double>> a) {
  const std::size_t n = a.size();
  std::vector<std::vector<double>> b(n, std::vector<double>(n, 0));
  for (std::size_t i = 0; i < n; ++i) b[i][i] = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const double pivot = a[i][i];
    for (std::size_t c = 0; c < n; ++c) {
      a[i][c] /= pivot;
      b[i][c] /= pivot;
    }
    for (std::size_t r = 0; r < n; ++r) {
      if (r == i) continue;
      const double factor = a[r][i];
      for (std::size_t c = 0; c < n; ++c) {
        a[r][c] -= factor * a[i][c];
        b[r][c] -= factor * b[i][c];
      }
    }
  }
  return b;
}

/// For make_linear(): precisions stay those that sampling begins with.
Trainer::Options linear_options() {
  Trainer::Options options{160};
  options.sampling = parse_sampling("sgld:step=0.1,warm_up=4,burn_in=60,resample_from=1e9");
  return options;
}

/// Of user biases, then title biases, over the models that are drawn in many epochs.
struct Moments {
  std::vector<double> mean;
  std::vector<double> square;
};
Moments draw_moments(Trainer& trainer) {
  constexpr int kEpochs = 6000;
  constexpr int kBurnIn = 60;
  const nn::ParameterSet& drawn = trainer.state().parameters;
  const std::size_t n = drawn.values(0).size() + drawn.values(1).size();
  Moments moments{std::vector<double>(n, 0), std::vector<double>(n, 0)};
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    trainer.train_epoch();
    if (epoch < kBurnIn) continue;
    std::size_t i = 0;
    for (const std::size_t block : {0U, 1U}) {
      for (const float weight : drawn.values(block)) {
        const auto w = static_cast<double>(weight);
        moments.mean[i] += w / (kEpochs - kBurnIn);
        moments.square[i++] += w * w / (kEpochs - kBurnIn);
      }
    }
  }
  return moments;
}

/// All training ratings.
features::Batch gather_all(const TinyTraining& tiny) {
  features::Batch batch;
  std::vector<std::uint64_t> numbers(tiny.training.rating.size());
  std::iota(numbers.begin(), numbers.end(), 0U);
  tiny.features.gather(tiny.training.view(), numbers, tiny.network.columns(), batch);
  return batch;
}

TEST(Sampler, VisitsThePosteriorOfALinearModel) {
  TinyTraining tiny("basic");
  make_linear(tiny);
  comm::SelfCommunicator self;
  Sampled run(tiny, self, 1, linear_options());
  const auto& state = run.trainer.state();
  const auto [mean, square] = draw_moments(run.trainer);
  // Precisions are those that sampling began with.
  const double alpha = state.sampling->numbers.noise_precision;
  EXPECT_DOUBLE_EQ(alpha, 1 / 1.5);
  const std::size_t users = state.parameters.values(0).size();
  const std::size_t n = mean.size();
  std::vector<std::vector<double>> precision(n, std::vector<double>(n, 0));
  std::vector<double> pull(n, 0);
  for (std::size_t i = 0; i < n; ++i)
    precision[i][i] = state.sampling->precision[i < users ? 0 : 1];
  const features::Batch batch = gather_all(tiny);
  for (std::size_t r = 0; r < batch.rows; ++r) {
    const std::size_t u = batch[features::IdColumn::user][r];
    const std::size_t t = users + batch[features::IdColumn::title][r];
    const double y = static_cast<double>(batch.rating[r]) - tiny.set.manifest().train_rating_mean;
    for (const std::size_t a : {u, t}) {
      pull[a] += alpha * y;
      for (const std::size_t b : {u, t}) precision[a][b] += alpha;
    }
  }
  const auto covariance = inverse(precision);
  int compared = 0;
  double off = 0;
  double ratio = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool is_looked_up = precision[i][i] > state.sampling->precision[i < users ? 0 : 1];
    if (!is_looked_up) {
      EXPECT_EQ(mean[i], 0) << i << ": what nobody looks up stays zero";
      continue;
    }
    double expected = 0;
    for (std::size_t k = 0; k < n; ++k) expected += covariance[i][k] * pull[k];
    const double deviation = std::sqrt(covariance[i][i]);
    EXPECT_NEAR((mean[i] - expected) / deviation, 0, 0.25) << i;
    EXPECT_NEAR((square[i] - mean[i] * mean[i]) / covariance[i][i], 1, 0.25) << i;
    off += std::pow((mean[i] - expected) / deviation, 2);
    ratio += (square[i] - mean[i] * mean[i]) / covariance[i][i];
    ++compared;
  }
  EXPECT_GT(compared, 20);
  // Some 6,000 x 2 steps of 0.1 forget in about 40: 300 independent draws of each.
  EXPECT_LT(std::sqrt(off / compared), 0.12);
  EXPECT_NEAR(ratio / compared, 1, 0.06);
}

/// What sampling ends with; equal means the same bits.
struct Outcome {
  std::string digest;
  std::vector<double> errors;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome sample_four_epochs(TinyTraining& tiny, comm::Communicator& ranks, int threads,
                           const Trainer::Options& options) {
  Sampled run(tiny, ranks, threads, options);
  Outcome outcome;
  for (int epoch = 1; epoch <= 4; ++epoch) {
    outcome.errors.push_back(run.trainer.train_epoch().train.rmse());
    if (epoch < 2) continue;
    SamplingState& sampling = run.trainer.sampling();
    run.evaluator.add_sample(ranks, run.trainer.state().parameters, *sampling.test);
    ++sampling.numbers.samples;
    // As where it is saved.
    if (epoch == 3) sampling.test->complete(ranks);
    outcome.errors.push_back(
        run.evaluator.evaluate_mean(ranks, *sampling.test, sampling.numbers.samples).rmse());
  }
  run.trainer.complete_state();
  outcome.digest = run.trainer.state().digest();
  return outcome;
}

void expect_same_bits(TinyTraining& tiny) {
  Trainer::Options options{150};
  options.sampling = parse_sampling("sgld:warm_up=1,burn_in=1,resample_from=3,snapshot_every=2");
  comm::SelfCommunicator self;
  const Outcome reference = sample_four_epochs(tiny, self, 1, options);
  for (const ExchangeWay way : {ExchangeWay::reduce, ExchangeWay::owner}) {
    options.exchange = way;
    for (const int ranks : {1, 2, 3, 5, 8}) {
      const int threads = 1 + ranks % 3;
      std::mutex mutex;
      test::run_ranks(
          ranks,
          [&](comm::Communicator& communicator) {
            const Outcome outcome = sample_four_epochs(tiny, communicator, threads, options);
            const std::lock_guard lock(mutex);
            EXPECT_EQ(outcome, reference) << ranks << " ranks, " << threads << " threads";
          },
          2);
    }
  }
}

class SampledSameBits : public ::testing::TestWithParam<std::string_view> {};
INSTANTIATE_TEST_SUITE_P(EveryVariant, SampledSameBits,
                         ::testing::ValuesIn(testing::variant_names()));

TEST_P(SampledSameBits, OnAnyNumberOfRanksNodesAndThreads) {
  TinyTraining tiny(GetParam(), {"adam:beta2=0.99", 0.01});
  expect_same_bits(tiny);
}

const std::vector<float> kStars{1, 2, 3, 4, 5};

TEST_P(SampledSameBits, OfAnOrdinalLikelihoodToo) {
  TinyTraining tiny(GetParam(), {"adam:beta2=0.99", 0.01, {"ordinal:rate=0.003"}}, {}, kStars);
  expect_same_bits(tiny);
}

// Its rule moves the block as in the warm-up: by what Adam makes of the gradient, without noise.
TEST(Sampler, CutsAreLearntOnWhileAllElseIsDrawn) {
  TinyTraining tiny("basic", {"sgd", 1e-6, {"ordinal:optimizer=sgd,rate=0"}}, {}, kStars);
  comm::SelfCommunicator self;
  Trainer::Options options{150};
  options.sampling = parse_sampling("sgld:step=0.1,warm_up=1,burn_in=1,resample_from=2");
  Sampled still(tiny, self, 1, options);
  const std::size_t block = tiny.network.ordinal_block();
  for (int epoch = 0; epoch < 4; ++epoch) still.trainer.train_epoch();
  for (const float w : still.trainer.state().parameters.values(block)) EXPECT_EQ(w, 0);
  EXPECT_NE(still.trainer.state().parameters.values(0)[tiny.network.layout()[0].cols], 0);
  EXPECT_EQ(still.trainer.state().sampling->numbers.noise_precision, 1);

  tiny.rules.emplace(tiny.network.layout(),
                     nn::UpdateOptions{"sgd", 1e-6, {"ordinal:optimizer=adam,rate=0.003"}});
  Sampled learning(tiny, self, 1, options);
  for (int epoch = 0; epoch < 4; ++epoch) learning.trainer.train_epoch();
  for (const float w : learning.trainer.state().parameters.values(block)) {
    EXPECT_GT(std::abs(w), 0.003F);
    EXPECT_LT(std::abs(w), 0.003F * 13) << "12 steps of at most about the rate";
  }
}

/// -log of the posterior density of a linear model's weights, up to a constant, cuts as they begin.
double energy_of(const std::vector<double>& weights, const std::vector<double>& precision,
                 const features::Batch& batch, std::size_t users, double mean) {
  double energy = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    energy += precision[i] * weights[i] * weights[i] / 2;
  for (std::size_t r = 0; r < batch.rating.size(); ++r) {
    const double f = mean + weights[batch[features::IdColumn::user][r]] +
                     weights[users + batch[features::IdColumn::title][r]];
    const auto above = [&](double cut) { return 1 / (1 + std::exp(-2 * (f - cut))); };
    const auto y = static_cast<double>(batch.rating[r]);
    energy -= std::log((y == 1 ? 1 : above(y - 0.5)) - (y == 5 ? 0 : above(y + 0.5)));
  }
  return energy;
}

// Against Metropolis' algorithm, which knows the density alone.
TEST(Sampler, VisitsThePosteriorOfALinearModelOfOrderedLevels) {
  TinyTraining tiny("basic");
  make_linear(tiny, kStars);
  comm::SelfCommunicator self;
  Sampled run(tiny, self, 1, linear_options());
  const auto& state = run.trainer.state();
  const Moments sampled = draw_moments(run.trainer);
  const std::size_t users = state.parameters.values(0).size();
  const std::size_t n = sampled.mean.size();
  const features::Batch batch = gather_all(tiny);
  std::vector<double> precision(n);
  std::vector<bool> is_looked_up(n, false);
  for (std::size_t i = 0; i < n; ++i) precision[i] = state.sampling->precision[i < users ? 0 : 1];
  for (std::size_t r = 0; r < batch.rows; ++r) {
    is_looked_up[batch[features::IdColumn::user][r]] = true;
    is_looked_up[users + batch[features::IdColumn::title][r]] = true;
  }
  const double mean =
      static_cast<double>(static_cast<float>(tiny.set.manifest().train_rating_mean));
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(0, 0.25);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<double> weights(n, 0);
  std::vector<double> expected_mean(n, 0);
  std::vector<double> expected_square(n, 0);
  double energy = energy_of(weights, precision, batch, users, mean);
  constexpr int kSweeps = 4000;
  constexpr int kForgotten = 200;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < n; ++i) {
      if (!is_looked_up[i]) continue;
      const double before = weights[i];
      weights[i] += normal(random);
      const double moved = energy_of(weights, precision, batch, users, mean);
      if (uniform(random) < std::exp(energy - moved)) {
        energy = moved;
      } else {
        weights[i] = before;
      }
    }
    if (sweep < kForgotten) continue;
    for (std::size_t i = 0; i < n; ++i) {
      expected_mean[i] += weights[i] / (kSweeps - kForgotten);
      expected_square[i] += weights[i] * weights[i] / (kSweeps - kForgotten);
    }
  }
  double off = 0;
  double ratio = 0;
  int compared = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!is_looked_up[i]) continue;
    const double variance = expected_square[i] - expected_mean[i] * expected_mean[i];
    off += std::pow(sampled.mean[i] - expected_mean[i], 2) / variance;
    ratio += (sampled.square[i] - sampled.mean[i] * sampled.mean[i]) / variance;
    ++compared;
  }
  EXPECT_GT(compared, 20);
  EXPECT_LT(std::sqrt(off / compared), 0.2);
  EXPECT_NEAR(ratio / compared, 1, 0.1);
}

// They are not drawn: as they stand, after a warm start, they say nothing of those that are.
TEST(Sampler, RowsWithoutRatingsBearOnNothing) {
  TinyTraining tiny("basic", {"adam", 0.01}, {40, 13, 60});
  comm::SelfCommunicator self;
  Trainer::Options options{16};
  options.sampling = parse_sampling("sgld:step=0.16,warm_up=1,burn_in=4,resample_from=2");
  const auto train = [&](float of_others) {
    Sampled run(tiny, self, 2, options, 20);
    auto& weights = const_cast<nn::ParameterSet&>(run.trainer.state().parameters);
    for (const models::TableUse& table : tiny.network.tables()) {
      const nn::Block& block = tiny.network.layout()[table.block];
      const auto look_ups = run.tally.look_ups(table.column, block.rows);
      EXPECT_TRUE(table.column != models::LookupColumn(features::IdColumn::user) ||
                  std::ranges::count(look_ups, 0) > 2);
      for (std::size_t i = 0; i < block.size(); ++i) {
        if (look_ups[i / block.cols] == 0) weights.values(table.block)[i] = of_others;
      }
    }
    for (int epoch = 0; epoch < 6; ++epoch) run.trainer.train_epoch();
    EXPECT_EQ(run.trainer.state().sampling->numbers.undone, 0U);
    return run.trainer.state().sampling->precision;
  };
  EXPECT_EQ(train(3), train(0));
}

TEST(Sampler, AnEpochThatIsWorseThanTheMeanIsUndoneAndStepsAreHalved) {
  TinyTraining tiny("basic", {"sgd", 1e-6});
  comm::SelfCommunicator self;
  Trainer::Options options{64};
  options.sampling = parse_sampling("sgld:step=0.16,warm_up=1,burn_in=1");
  // Of ratings around 3 a fresh model, which predicts about 0, is worse than any variance.
  Sampled run(tiny, self, 1, options, 0.01);
  EXPECT_FALSE(run.trainer.train_epoch().sampled);
  const std::string before = run.trainer.state().parameters.digest();
  for (int epoch = 2; epoch <= 3; ++epoch) {
    const auto sampled = run.trainer.train_epoch().sampled;
    ASSERT_TRUE(sampled);
    EXPECT_TRUE(sampled->is_undone);
    EXPECT_EQ(sampled->step_size, epoch == 2 ? 0.08 : 0.04);
    EXPECT_EQ(run.trainer.state().parameters.digest(), before);
    EXPECT_EQ(run.trainer.state().sampling->numbers.undone, epoch - 1U);
  }
}

TEST(Sampler, AnEpochWhoseLossIsNotFiniteIsGivenUpAndUndone) {
  TinyTraining tiny("basic", {"sgd", 1e-6});
  comm::SelfCommunicator self;
  Trainer::Options options{64};
  options.sampling = parse_sampling("sgld:step=0.05,warm_up=1,burn_in=1");
  Sampled run(tiny, self, 1, options, 20);
  run.trainer.train_epoch();
  const std::string before = run.trainer.state().parameters.digest();
  auto& weights = const_cast<nn::ParameterSet&>(run.trainer.state().parameters);
  run.trainer.train_epoch();  // begins: keeps the snapshot
  EXPECT_EQ(run.trainer.state().sampling->snapshot.digest(), before);
  for (float& weight : weights.values(1)) weight = 3e38F;  // memory that errs will do
  const EpochResult epoch = run.trainer.train_epoch();
  ASSERT_TRUE(epoch.sampled);
  EXPECT_TRUE(epoch.sampled->is_undone);
  EXPECT_EQ(run.trainer.state().parameters.digest(), before);
  EXPECT_FALSE(run.trainer.train_epoch().sampled->is_undone);
}

}  // namespace
}  // namespace nnrec::train
