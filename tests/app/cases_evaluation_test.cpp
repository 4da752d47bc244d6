// Faults of evaluation that users of comparable tools reported (tests/cases/B*): what is counted,
// how often, and what is divided by what. The values here are the right ones.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/app/prep_command.hpp"
#include "nnrec/train/evaluation.hpp"

#include "support/dist_runs.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::app {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;
using Options = std::vector<std::string>;
using Scale = std::optional<shards::RatingScale>;

const std::string kCases = NNREC_SOURCE_DIR "/tests/cases/";

/// Two columns of a case: what was true, what was predicted.
struct Scored {
  std::vector<float> truth;
  std::vector<float> prediction;
};

Scored read_scored(const std::string& name) {
  std::ifstream file(kCases + name);
  std::string line;
  std::getline(file, line);  // names
  Scored scored;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    int user = 0;
    int item = 0;
    fields >> user >> item >> scored.truth.emplace_back() >> scored.prediction.emplace_back();
  }
  return scored;
}

/// The sums of rows [first, last), added in pieces of `batch` rows.
train::ErrorSums sum_of(const Scored& scored, std::size_t first, std::size_t last,
                        std::size_t batch, const Scale& scale = std::nullopt) {
  train::ErrorSums sums;
  for (; first < last; first += batch) {
    const auto count = std::min(batch, last - first);
    sums.add(std::span(scored.prediction).subspan(first, count),
             std::span(scored.truth).subspan(first, count), scale);
  }
  return sums;
}

TEST(EvaluationCases, B01TheRootIsTakenOnceWhateverTheBatch) {
  const auto scored = read_scored("B01/scored.tsv");
  ASSERT_EQ(scored.truth.size(), 5U);
  for (const std::size_t batch : {1U, 2U, 3U, 5U}) {
    const auto errors = sum_of(scored, 0, 5, batch).errors(5, std::nullopt);
    EXPECT_NEAR(errors.rmse(), 1.341641, 5e-7) << batch;  // A mean of batches' roots would be 1.
    EXPECT_EQ(errors.mae(), 1.0) << batch;
  }
}

TEST(EvaluationCases, B04RanksOfUnequalRowsAreNotAveraged) {
  const auto scored = read_scored("B04/scored.tsv");
  for (const int size : {1, 2, 3}) {  // The third has no rows.
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      const std::size_t cut = size == 1 ? 5 : 3;
      train::ErrorSums sums;
      if (ranks.rank() == 0) sums = sum_of(scored, 0, cut, 5);
      if (ranks.rank() == 1) sums = sum_of(scored, cut, 5, 5);
      sums.sum(ranks);
      const auto errors = sums.errors(5, std::nullopt);
      EXPECT_NEAR(errors.rmse(), 1.341641, 5e-7);  // A mean of ranks' roots would be 1.367920.
      EXPECT_EQ(errors.mae(), 1.0);
    });
  }
}

TEST(EvaluationCases, B11TheErrorOfClippedPredictionsIsAnotherNumber) {
  const auto scored = read_scored("B11/clip.tsv");
  const Scale scale = shards::RatingScale{1, 5};
  const auto errors = sum_of(scored, 0, 3, 2, scale).errors(3, scale);
  EXPECT_NEAR(errors.rmse(), 0.925563, 1e-6);
  ASSERT_TRUE(errors.clipped.has_value());
  EXPECT_NEAR(errors.clipped->rmse(), 0.577350, 1e-6);
  EXPECT_EQ(errors.clipped->rows, 3);
  // Clipped, both would be 5: an order is made of what the model says.
  EXPECT_GT(scored.prediction[0], scored.prediction[1]);
  EXPECT_FALSE(sum_of(scored, 0, 3, 2).errors(3, std::nullopt).clipped.has_value());
}

TEST(EvaluationCases, ErrorsThatAreNotFiniteAreCountedNotAdded) {
  for (const float prediction : {std::nanf(""), HUGE_VALF, -HUGE_VALF, 1e30F}) {
    train::ErrorSums sums;
    sums.add(std::vector{prediction}, std::vector{3.0F}, shards::RatingScale{1, 5});
    EXPECT_EQ(sums.left_out(), 1) << prediction;
    EXPECT_EQ(sums.errors(1, std::nullopt).squared.sum, 0);
  }
}

/// Prepares a case and trains on it with rank threads, through the programs' own commands.
class TrainedCases : public ::testing::Test {
 protected:
  void prep(const std::string& input, const Options& more) {
    Options options{"--input", kCases + input, "--output", (folder_ / "set").string()};
    options.insert(options.end(), more.begin(), more.end());
    Log log = Log::silent();
    prep_command(options, log);
  }
  /// What two epochs of `variants` on `size` ranks print.
  std::string train(int size, const std::string& variants = "basic", const Options& more = {}) {
    testing::DistLaunch launch{size, 1, {"--data", (folder_ / "set").string(), "--epochs", "2"}};
    const auto run = (folder_ / ("run-" + std::to_string(++runs_))).string();
    launch.arguments.insert(launch.arguments.end(), {"--variant", variants, "--run", run});
    launch.arguments.insert(launch.arguments.end(), more.begin(), more.end());
    return testing::run_dist(launch);
  }
  /// The one line of `log` that has `text`.
  static std::string line_with(const std::string& log, const std::string& text) {
    const auto at = log.find(text);
    if (at == std::string::npos) return "no line has: " + text;
    const auto start = log.rfind('\n', at) + 1;
    return log.substr(start, log.find('\n', at) - start);
  }

  testing::TemporaryFolder folder_;
  int runs_ = 0;
};

TEST_F(TrainedCases, B03SevenRowsAreSevenOnAnyNumberOfRanks) {
  prep("B03", {"--split", "files", "--train", "train.tsv", "--test", "test7.tsv"});
  const auto alone = train(1);
  EXPECT_THAT(alone, HasSubstr("  7 test rows: RMSE "));
  for (const int size : {2, 3, 4, 8}) {
    const auto log = train(size);
    EXPECT_EQ(line_with(log, "test rows:"), line_with(alone, "test rows:")) << size;
    EXPECT_EQ(line_with(log, "model digest"), line_with(alone, "model digest")) << size;
  }
}

TEST_F(TrainedCases, AllVariantsAreThoseThatTheSetAllows) {
  prep("B03", {"--split", "files", "--train", "train.tsv", "--test", "test7.tsv"});
  const auto log = train(2, "all");
  EXPECT_THAT(log, HasSubstr("not trained: complex needs the age of every user"));
  for (const char* variant : {"basic", "one_layer", "fm"}) {
    EXPECT_THAT(log, HasSubstr(fmt::format("model digest {} ", variant)));
  }
  EXPECT_THAT(log, Not(HasSubstr("model digest complex")));
  testing::expect_error(ErrorKind::input, HasSubstr("complex needs the age of every user"),
                        [&] { train(2, "basic,complex"); });
}

TEST_F(TrainedCases, WithoutRowsToEvaluateNoErrorIsPrinted) {
  prep("B03/train.tsv", {"--split", "random", "--test-fraction", "0"});
  EXPECT_THAT(train(2), Not(HasSubstr("nan")));
}

TEST_F(TrainedCases, B06AShortLastBatchIsEvaluatedToo) {
  prep("B06", {"--split", "files", "--train", "train.tsv", "--test", "test10.tsv"});
  for (const int size : {1, 2, 3}) {
    EXPECT_THAT(train(size, "basic", {"--batch", "4"}), HasSubstr("  10 test rows: RMSE ")) << size;
  }
}

TEST_F(TrainedCases, B11ARunShowsBothErrorsByName) {
  prep("B06",
       {"--split", "files", "--train", "train.tsv", "--test", "test10.tsv", "--scale", "1:5"});
  const auto log = train(2);
  EXPECT_THAT(log, HasSubstr(" unclipped, RMSE "));
  EXPECT_THAT(log, HasSubstr(" clipped to 1..5; MAE "));
  // What is published stays the one of the predictions as they are.
  const auto line = line_with(log, "test rows:");
  const auto unclipped = line.substr(line.find("RMSE ") + 5, 6);
  EXPECT_THAT(log, HasSubstr("test RMSE basic " + unclipped));
  prep("B06", {"--split", "files", "--train", "train.tsv", "--test", "test10.tsv"});
  EXPECT_THAT(train(1), HasSubstr(" unclipped, no scale is declared to clip to; MAE "));
}

TEST_F(TrainedCases, A30EqualRatingsOfOneUserTrainToAFiniteError) {
  prep("A30/one_user.tsv", {"--scale", "1:5", "--split", "per-user", "--test-last", "1"});
  for (const int size : {1, 2, 3}) {
    const auto log = train(size, "basic,one_layer,enriched");
    EXPECT_THAT(log, HasSubstr("  1 test rows: RMSE ")) << size;
    EXPECT_THAT(log, ::testing::Not(HasSubstr("nan"))) << size;
  }
}

}  // namespace
}  // namespace nnrec::app
