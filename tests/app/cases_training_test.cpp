// Faults of distributed training that users of comparable tools reported (tests/cases/C*): who
// waits for whom, what a mean is over, what a number of ranks may change.
#include <cmath>

#include <gmock/gmock.h>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/evaluation.hpp"

#include "support/cases.hpp"
#include "support/dist_runs.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::app {
namespace {
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointwise;

class TrainingCases : public testing::Cases {
 protected:
  /// Trains on what was prepared last, into a folder of its own; returns what was printed.
  std::string train(int ranks, const std::string& variant, const Options& more) {
    run_ = folder_ / fmt::format("run-{}", ++runs_);
    testing::DistLaunch launch{
        ranks,
        1,
        {"--data", (folder_ / "set").string(), "--variant", variant, "--run", run_.string()}};
    launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
    return testing::run_dist(launch);
  }
  std::filesystem::path newest(const std::string& variant) const {
    return run::find_checkpoints(run_, variant).back().path;
  }
  std::uint64_t steps(const std::string& variant) const {
    return train::read_checkpoint_head(newest(variant)).progress.step;
  }
  std::vector<float> block(const std::string& variant, const std::string& name) const {
    return io::H5Reader(newest(variant)).read<float>("parameters/" + name);
  }

  std::filesystem::path run_;
  int runs_ = 0;
};

TEST_F(TrainingCases, C01UnequalSharesEndOnAnyRanks) {
  for (const auto& [file, rows] : {std::pair{"C01/ten.tsv", 10}, {"C01/hundred.tsv", 100}}) {
    prep(file);
    for (const int ranks : {1, 2, 3, 7}) {
      for (const int batch : {1, 3, 4}) {
        const auto printed =
            train(ranks, "basic", {"--epochs", "2", "--batch", std::to_string(batch)});
        EXPECT_THAT(printed, HasSubstr(fmt::format(": {} train, ", rows)));
        EXPECT_EQ(steps("basic"), 2 * ((rows + batch - 1) / batch)) << ranks << " ranks";
      }
    }
  }
}

// 65 rows are two tiles: of 64 rows, and of one.
TEST_F(TrainingCases, C02AMeanIsOverRowsNotOverRanksOfUnequalRows) {
  std::string text = "user,item,rating\n";
  for (int row = 0; row < 65; ++row) text += fmt::format("u{},i{},{}\n", row, row, row ? 1 : 100);
  prep_text("ratings.csv", text);
  for (const int ranks : {1, 2, 3}) {  // the third has none
    train(ranks, "fm",
          {"--optimizer", "sgd", "--learning-rate", "0.5", "--embedding-dim", "1", "--batch", "65",
           "--epochs", "1"});
    // The gradient of the mean squared error by the bias is twice the mean error; predictions
    // begin within 0.01 of 0. The mean of the ranks' means would give 50.5 or 1.8.
    EXPECT_NEAR(block("fm", "bias").at(0), (100 + 64) / 65.0, 0.02) << ranks << " ranks";
  }
}

TEST_F(TrainingCases, C04DamageThatOneRankMeetsEndsAllWithTheFilesName) {
  prep("C01/ten.tsv");
  std::filesystem::resize_file(folder_ / "set/shard-00000.h5", 100);
  testing::expect_error(ErrorKind::input, HasSubstr("shard-00000.h5: "), [&] {
    train(3, "basic", {"--epochs", "1"});
  });
}

TEST_F(TrainingCases, C08NeitherRanksNorAccumulationScaleAStep) {
  prep("C08/eight.tsv");
  const Options sgd{"--optimizer", "sgd", "--epochs", "1"};
  const auto user_after = [&](int ranks, int batch) {
    Options options = sgd;
    options.insert(options.end(),
                   {"--batch", std::to_string(batch), "--accumulate", std::to_string(8 / batch)});
    train(ranks, "one_layer", options);
    EXPECT_EQ(steps("one_layer"), 1U);
    return block("one_layer", "user");
  };
  const auto expected = user_after(1, 8);
  for (const int ranks : {2, 4}) EXPECT_EQ(user_after(ranks, 8), expected);
  for (const int batch : {4, 2}) {
    EXPECT_THAT(user_after(2, batch), Pointwise(FloatNear(1e-6F), expected));
  }
}

TEST_F(TrainingCases, C12MoreRanksAreNoWorse) {
  prep("C12/five_hundred.tsv", {"--test-fraction", "0.2"});
  const Options five{"--epochs", "5", "--batch", "128"};
  const auto alone = testing::digests(train(1, "one_layer", five));
  for (const int ranks : {2, 4}) {
    EXPECT_EQ(testing::digests(train(ranks, "one_layer", five)), alone);
  }
}

TEST_F(TrainingCases, C14CountsOfRowsPassTheRangeOf32Bits) {
  test::run_ranks(4, [](comm::Communicator& ranks) {
    train::SquaredError error{1, 600'000'000};
    ranks.sum({&error.rows, 1});
    EXPECT_EQ(error.rows, 2'400'000'000);
  });
}

// Windows of 8 and 2 rows: the last mean is over 2, not over the 8 that it could have held.
TEST_F(TrainingCases, C18AnIncompleteWindowIsDividedByItsOwnRows) {
  prep("C01/ten.tsv");
  const Options sgd{"--optimizer", "sgd", "--epochs", "1"};
  const auto user_after = [&](const char* batch, const char* accumulate) {
    Options options = sgd;
    options.insert(options.end(), {"--batch", batch, "--accumulate", accumulate});
    train(2, "one_layer", options);
    EXPECT_EQ(steps("one_layer"), 2U);
    return block("one_layer", "user");
  };
  EXPECT_THAT(user_after("2", "4"), Pointwise(FloatNear(1e-6F), user_after("8", "1")));
}

TEST_F(TrainingCases, C24ALastBatchOfOneRowIsABatch) {
  prep("C24/nine.tsv");
  for (const int ranks : {1, 2}) {
    EXPECT_THAT(train(ranks, "one_layer", {"--epochs", "2", "--batch", "4"}),
                Not(HasSubstr("nan")));
    EXPECT_EQ(steps("one_layer"), 6U);
  }
}

TEST_F(TrainingCases, C25WithoutRowsToEvaluateTrainingEnds) {
  prep("C01/ten.tsv");
  EXPECT_THAT(train(2, "basic", {"--epochs", "1"}), HasSubstr("no validation and no test rows"));
}

}  // namespace
}  // namespace nnrec::app
