#include "app/report/ensemble.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/error_tally.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

class Ensemble : public testing::DistFixture {
 protected:
  std::string judge(const Words& runs, shards::Part part = shards::Part::test) const {
    EnsembleRequest request{{}, "", part};
    for (const std::string& run : runs) request.runs.push_back((folder_ / run).string());
    Log log = Log::silent();
    return ensemble_lines(request, math::ThreadTeam(2), log);
  }
  /// A line's RMSE, as printed.
  static std::string rmse(const std::string& text, const std::string& label) {
    const auto line = text.substr(text.find(label));
    const auto end = line.find('\n');
    const auto mae = line.rfind(' ', end);
    const auto last = line.find_last_not_of(' ', mae);
    return line.substr(line.rfind(' ', last) + 1, last - line.rfind(' ', last));
  }
};

TEST_F(Ensemble, AMemberThatHasLearntFromOtherDataIsNamed) {
  train("first", "basic", 1);
  const std::string digest =
      shards::ShardSet::open(folder_ / "set").manifest().digest.substr(0, 16);
  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 14, 13, 400);
  train("warm", "basic", 1, {"--warm-start", (folder_ / "first").string()});
  train("fresh", "basic", 1);
  EXPECT_THAT(judge({"warm", "fresh"}), HasSubstr("warm basic has learnt from data of digest " +
                                                  digest + " before; rows of "));
  EXPECT_THAT(judge({"fresh"}), Not(HasSubstr("before")));
}

TEST_F(Ensemble, JudgesTheMeanOfKeptAndOfComputedPredictions) {
  train("plain", "basic,one_layer", 2);
  const std::string sampled = train("sampled", "basic", 5, testing::sampled(0));
  const std::string text = judge({"plain", "sampled"});
  EXPECT_THAT(text, HasSubstr("80 test ratings; predictions as they are"));
  EXPECT_THAT(sampled, HasSubstr("test RMSE basic " + rmse(text, "sampled basic")))
      << "the mean that the run has shown";
  EXPECT_THAT(text, HasSubstr("mean of 3 "));

  // The mean by hand.
  Log log = Log::silent();
  const auto set = shards::ShardSet::open(folder_ / "set");
  const math::ThreadTeam team(1);
  const auto facts = serve::read_training_facts(set, team);
  const auto rows = serve::read_evaluated(set, shards::Part::test, set, team);
  std::vector<float> mean(80, 0.0F);
  const auto add = [&](const std::vector<float>& predictions) {
    for (std::size_t row = 0; row < 80; ++row) mean[row] += predictions[row] / 3;
  };
  for (const char* variant : {"basic", "one_layer"}) {
    const auto model =
        run::load_model(run::find_model(folder_ / "plain", variant, log), shards::ShardSet(set));
    add(serve::predict_rows(model, facts, rows, team));
  }
  const auto kept = train::read_mean_predictions(newest("sampled", "basic"), shards::Part::test);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->samples, 3U);
  add(kept->of_rows);
  const double expected = serve::judge(rows, mean, std::nullopt).all.rmse();
  EXPECT_NEAR(std::stod(rmse(text, "mean of 3")), expected, 6e-5);
}

TEST_F(Ensemble, AMemberThatAveragesNothingYetIsNamed) {
  Words words = testing::sampled(0);
  words.insert(words.end(), {"--keep", "9", "--checkpoint-every", "1epochs"});
  train("sampled", "basic", 5, words);
  EXPECT_THAT(judge({"sampled"}), Not(HasSubstr("draw")));
  for (const auto& saved : run::find_checkpoints(folder_ / "sampled", "basic"))
    if (saved.step > 10) std::filesystem::remove(saved.path);
  EXPECT_THAT(judge({"sampled"}), HasSubstr("sampled basic is of a sampled run that averages no "
                                            "models yet: it is one draw, which errs more"));
}

TEST_F(Ensemble, RefusesWhatWasTrainedOnAnotherSetAndAPartWithoutRows) {
  train("first", "basic", 1);
  expect_error(ErrorKind::input, HasSubstr("has no validation rows to judge by"),
               [&] { judge({"first"}, shards::Part::validation); });
  cut_validation();
  train("second", "basic", 1);
  expect_error(ErrorKind::input, HasSubstr("were trained on different sets"), [&] {
    judge({"first", "second"});
  });
}

TEST_F(Ensemble, AModelThatCountsTwiceIsNamed) {
  train("first", "basic,one_layer", 1);
  EXPECT_THAT(judge({"first"}), Not(HasSubstr("bit for bit")));
  std::filesystem::copy(folder_ / "first", folder_ / "copy",
                        std::filesystem::copy_options::recursive);
  const std::string copy = (folder_ / "copy").string();
  const std::string first = (folder_ / "first").string();
  EXPECT_THAT(judge({"first", "copy"}),
              HasSubstr(copy + " basic predicts what " + first + " basic does, bit for bit"));
}

}  // namespace
}  // namespace nnrec::app
