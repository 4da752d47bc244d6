#include "nnrec/app/eval_command.hpp"

#include <nlohmann/json.hpp>

#include "nnrec/run/result.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

class EvalCommand : public testing::Answering {
 protected:
  std::string eval(Words words) const { return ask(eval_command, words); }
  json eval_json(Words words) const {
    words.insert(words.end(), {"--format", "json"});
    return json::parse(eval(words));
  }
};

json row_of(const json& table, const std::string& label) {
  for (const json& row : table)
    if (row.at("row") == label) return row;
  ADD_FAILURE() << label << " is not in " << table;
  return {};
}

TEST_F(EvalCommand, TheErrorIsThatOfTrainingOverEachRowOnce) {
  train("run", "one_layer", 2);
  const json report = eval_json({path("run")});
  const json row = row_of(report.at("errors"), "one_layer");
  EXPECT_EQ(row.at("rows"), 80);
  const auto ends = run::read_result(folder_ / "run");
  EXPECT_NEAR(row.at("RMSE"), ends->variants.at(0).test->rmse, 1e-6);
  const json warm = row_of(report.at("by_exposure"), "warm");
  EXPECT_EQ(warm.at("rows"), 80);
  EXPECT_EQ(warm.at("RMSE one_layer"), row.at("RMSE"));
  EXPECT_EQ(warm.at("MAE one_layer"), row.at("MAE"));
  EXPECT_LT(row.at("low"), row.at("RMSE"));
  EXPECT_GT(row.at("high"), row.at("RMSE"));
  EXPECT_TRUE(row.at("RMSE clipped").is_null()) << "the set declares no scale";
}

TEST_F(EvalCommand, MeansStandBesideTheModel) {
  train("run", "basic", 1);
  const auto set = shards::ShardSet::open(folder_ / "set");
  const auto test = testing::read_part(set, shards::Part::test);
  double squares = 0;
  for (const float rating : test.rating)
    squares += std::pow(static_cast<double>(rating) - set.manifest().train_rating_mean, 2);
  const json report = eval_json({path("run")});
  EXPECT_NEAR(row_of(report.at("errors"), "training mean").at("RMSE"), std::sqrt(squares / 80),
              1e-6);
  // basic predicts about 0 at first: the means are better by far, and the interval says so.
  const json difference = row_of(report.at("rmse_differences"), "basic - training mean");
  EXPECT_GT(difference.at("low"), 0);
}

TEST_F(EvalCommand, TwoVariantsAreComparedInPairs) {
  train("run", "basic,one_layer", 3);
  const json report = eval_json({path("run"), "--variant", "one_layer,basic"});
  const json difference = row_of(report.at("rmse_differences"), "one_layer - basic");
  EXPECT_NEAR(difference.at("difference"),
              row_of(report.at("errors"), "one_layer").at("RMSE").get<double>() -
                  row_of(report.at("errors"), "basic").at("RMSE").get<double>(),
              1e-12);
  EXPECT_LT(difference.at("high"), 0);
  const json same = eval_json({path("run"), path("run"), "--variant", "basic"});
  EXPECT_EQ(row_of(same.at("rmse_differences"), "basic (1) - basic (2)").at("high"), 0);
}

TEST_F(EvalCommand, TextIsTheSameForAnyNumberOfThreads) {
  train("run", "complex", 1);
  const std::string one = eval({path("run"), "--threads", "1"});
  EXPECT_EQ(eval({path("run"), "--threads", "3"}), one);
  EXPECT_THAT(one, AllOf(HasSubstr("80 test rows of 11 users, each once"), HasSubstr("NDCG@10"),
                         HasSubstr("warm"), HasSubstr("ranked: ")));
}

TEST_F(EvalCommand, TrainingRowsAreCalledNoTest) {
  train("run", "basic", 1);
  EXPECT_THAT(eval({path("run"), "--part", "train"}), HasSubstr("trained on: no test"));
  // Of 143 pairs 320 training rows know most.
  EXPECT_THAT(eval({path("run")}), HasSubstr("training had the same user and item of"));
}

TEST_F(EvalCommand, DataThatWereChangedAreSaidBecauseTheirRowsMayBeAmongTheTest) {
  train("run", "basic", 1);
  const std::string digest = shards::ShardSet::open(folder_ / "set").manifest().digest;
  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300);
  train("run", "basic", 2, {"--allow-changes"});
  EXPECT_THAT(eval({path("run")}),
              HasSubstr("it was trained on data of digest " + digest.substr(0, 16)));
}

TEST_F(EvalCommand, AWarmStartIsSaidBecauseItsRowsMayBeAmongTheTest) {
  train("first", "basic", 1);
  const std::string digest =
      shards::ShardSet::open(folder_ / "set").manifest().digest.substr(0, 16);
  train("same", "basic", 1, {"--warm-start", path("first")});
  EXPECT_THAT(eval({path("same")}),
              HasSubstr("warm start: it began with a model of data digest " + digest +
                        "; that is the set that it was trained on itself\n"));
  EXPECT_THAT(eval({path("first")}), Not(HasSubstr("warm start")));

  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 14, 13, 400);
  train("second", "basic", 1, {"--warm-start", path("first")});
  EXPECT_THAT(eval({path("second")}),
              HasSubstr("warm start: it began with a model of data digest " + digest +
                        "; rows of that set may be among these, and are no test\n"));
  // What the first has learnt from the third has, too.
  train("third", "basic", 1, {"--warm-start", path("second")});
  EXPECT_THAT(eval({path("third")}),
              HasSubstr(", which had learnt from data of digest " + digest +
                        " before; rows of that set may be among these, and are no test\n"));
}

TEST_F(EvalCommand, UsersWithoutTestRowsAreNamed) {
  prepare(file("a.csv", "user,item,rating\nann,1,5\nbob,2,4\ncy,1,3\nann,3,2\n"),
          {"--split", "leave-one-out"});
  train("run", "basic", 1);
  EXPECT_THAT(eval({path("run")}), HasSubstr("; 2 have no test rows: bob, cy"));
}

TEST_F(EvalCommand, AnotherSetIsJoinedByIdsAndRefusedWhereItOverlaps) {
  prepare(file("a.csv", "user,item,rating\n1,1,5\n1,2,4\n2,1,3\n2,3,2\n3,2,1\n3,3,5\n"));
  train("run", "basic", 1);
  std::filesystem::rename(folder_ / "set", folder_ / "trained");
  // Ids in another order; user 9 and item 8 are new.
  prepare(file("b.csv", "user,item,rating\n3,1,4\n1,3,4\n9,1,2\n2,8,3\n"),
          {"--test-fraction", "0"});
  std::filesystem::rename(folder_ / "set", folder_ / "new");
  std::filesystem::rename(folder_ / "trained", folder_ / "set");
  const Words words{path("run"), "--data", path("new"), "--part", "train"};
  EXPECT_THAT(eval(words), AllOf(HasSubstr("the user of 1 rows and the item of 1"),
                                 HasSubstr("cold_user"), HasSubstr("4 train rows of 4 users")));
  const json report = eval_json(words);
  EXPECT_EQ(row_of(report.at("by_exposure"), "warm").at("rows"), 2);

  std::filesystem::remove_all(folder_ / "new");
  std::filesystem::rename(folder_ / "set", folder_ / "trained");
  prepare(file("b.csv", "user,item,rating\n3,1,4\n1,2,4\n"));
  std::filesystem::rename(folder_ / "set", folder_ / "new");
  std::filesystem::rename(folder_ / "trained", folder_ / "set");
  expect_error(ErrorKind::input, HasSubstr("of 1 of 2 rows (50.0 %) training had"),
               [&] { eval(words); });
  Words allowed = words;
  allowed.emplace_back("--allow-overlap");
  EXPECT_THAT(eval(allowed), HasSubstr("these are no test"));
}

TEST_F(EvalCommand, UsersWithoutRelevantItemsAreCountedAndNamed) {
  prepare(file("a.csv", "user,item,rating\n1,1,5\n1,2,4\n2,1,3\n2,3,2\n3,2,1\n3,3,5\n"));
  train("run", "basic", 1);
  const std::string text =
      eval({path("run"), "--part", "train", "--liked-from", "4", "--top", "2"});
  EXPECT_THAT(text, AllOf(HasSubstr("ranked: 2 users; 1 have no relevant item that they had not "
                                    "seen: 2"),
                          HasSubstr("HR@2")));
}

TEST_F(EvalCommand, KeptSamplesAreJudgedByTheirMeanAndTheirDeviations) {
  const std::string trained = train("run", "basic", 5, testing::sampled(3));
  const std::string text = eval({path("run"), "--ranking-users", "0"});
  EXPECT_THAT(text, HasSubstr("samples basic: errors are of the mean of 3 sampled models"));
  EXPECT_THAT(text, HasSubstr("% of 80 ratings lie within one"));
  const auto at = trained.rfind("test RMSE basic ");
  EXPECT_THAT(text, HasSubstr(trained.substr(at + 16, 6))) << "the run's own";
}

TEST_F(EvalCommand, APartWithoutRowsIsRefused) {
  train("run", "basic", 1);
  expect_error(ErrorKind::input, HasSubstr("has no validation rows"), [&] {
    eval({path("run"), "--part", "validation"});
  });
}

TEST_F(EvalCommand, OptionsThatNothingReadsAreRefused) {
  const auto expect_refusal = [&](Words words, const std::string& text) {
    words.insert(words.begin(), path("run"));
    expect_error(ErrorKind::usage, HasSubstr(text), [&] { eval(words); });
  };
  expect_refusal({"--ranking-users", "0", "--top", "5"}, "--top is of rankings, which --ranking");
  expect_refusal({"--ranking-users", "0", "--liked-from", "4"}, "--liked-from is of rankings");
  expect_refusal({"--ranking-users", "0", "--at", "5"}, "--at is of rankings");
  expect_refusal({"--allow-overlap"}, "--allow-overlap goes with --data");
  train("run", "basic,enriched", 1);
  expect_refusal({"--variant", "basic", "--at", "5"}, "--at: basic reads no times");
  EXPECT_NO_THROW(eval({path("run"), "--variant", "basic,enriched", "--at", "880000000"}));
}

TEST_F(EvalCommand, ARatingThatIsNotFiniteIsRefused) {
  for (const char* value : {"nan", "inf", "-inf"}) {
    expect_error(ErrorKind::usage,
                 HasSubstr(std::string("--liked-from ") + value + " is no finite number"), [&] {
                   eval({path("run"), std::string("--liked-from=") + value});
                 });
  }
}

}  // namespace
}  // namespace nnrec::app
