#include "run/start_state.hpp"

#include <map>

#include <gmock/gmock.h>

#include "nnrec/io/h5_file.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TinyOrder;

/// Rows of a data set in a checkpoint, by what they stand for.
using Rows = std::map<std::string, std::vector<float>>;

Rows rows_of(const fs::path& checkpoint, const std::string& name,
             const std::vector<std::string>& names) {
  constexpr std::size_t kFirst = 1;  // row 0: out of vocabulary
  const io::H5Reader file(checkpoint);
  const auto values = file.read<float>(name);
  const std::size_t cols = file.shape(name).at(1);
  Rows rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>((kFirst + i) * cols);
    rows[names[i]].assign(first, first + static_cast<std::ptrdiff_t>(cols));
  }
  return rows;
}
Rows users_of(const fs::path& checkpoint) {
  return rows_of(checkpoint, "parameters/user", train::read_row_names(checkpoint).users);
}
Rows titles_of(const fs::path& checkpoint) {
  return rows_of(checkpoint, "parameters/title", train::read_row_names(checkpoint).titles);
}

class StartState : public testing::DistFixture {
 protected:
  void replace_set(std::uint32_t users, double validation = 0) const {
    fs::remove_all(folder_ / "set");
    testing::make_tiny_set(folder_ / "set", users, 13, 400, validation, TinyOrder::backward);
  }
  /// One epoch more that moves no weight.
  std::string go_on(const std::string& variant, int epochs) const {
    return train("run", variant, epochs, {"--learning-rate", "1e-30", "--allow-changes"});
  }
};

TEST_F(StartState, AWarmStartKeepsWhoIsKnownAndGivesOthersFreshRows) {
  train("first", "complex", 2);
  const auto before = users_of(newest("first", "complex"));
  replace_set(14);
  const Words still{"--learning-rate", "1e-30"};  // no weight moves
  Words warm = still;
  warm.insert(warm.end(), {"--warm-start", (folder_ / "first").string()});
  const std::string output = train("second", "complex", 1, warm);
  EXPECT_THAT(output, HasSubstr("warm start: begins with the weights of"));
  EXPECT_THAT(output, HasSubstr("rows of user follow what they stand for: 11 kept, 3 new, 0 gone"));
  train("fresh", "complex", 1, still);
  const auto after = users_of(newest("second", "complex"));
  const auto fresh = users_of(newest("fresh", "complex"));
  ASSERT_EQ(after.size(), 14U);
  for (const auto& [user, row] : after)
    EXPECT_EQ(row, before.contains(user) ? before.at(user) : fresh.at(user)) << user;
  const auto head = train::read_checkpoint_head(newest("second", "complex"));
  EXPECT_EQ(head.progress.epoch, 1U) << "epochs begin anew";
  EXPECT_THAT(testing::read_file(folder_ / "second" / "result.json"),
              HasSubstr("warm start: begins with the weights of"));
  // What goes on does not begin again.
  EXPECT_THAT(train("second", "complex", 2, warm), Not(HasSubstr("warm start:")));
}

TEST_F(StartState, AWarmStartWithOtherRulesIsThatOfTheWeightsAlone) {
  train("first", "one_layer", 2);
  const Words more{"--warm-start",    newest("first", "one_layer").string(),
                   "--optimizer",     "adam",
                   "--learning-rate", "0.001"};
  const std::string output = train("second", "one_layer", 1, more);
  EXPECT_THAT(output, HasSubstr("warm start: begins with the weights of"));
  EXPECT_EQ(testing::digests(testing::run_dist({3, 2, arguments("third", "one_layer", 1, more)})),
            testing::digests(output));
}

TEST_F(StartState, AWarmStartFromAnotherModelNamesWhatDiffers) {
  const auto expect_refused = [&](const char* from, const Words& more, const auto& message) {
    Words words = more;
    words.insert(words.end(), {"--warm-start", (folder_ / from).string()});
    expect_error(ErrorKind::usage,
                 AllOf(HasSubstr("--warm-start " + newest(from, "one_layer").string()), message,
                       Not(HasSubstr("--allow-changes"))),
                 [&] { train("warm", "one_layer", 1, words); });
    EXPECT_FALSE(fs::exists(folder_ / "warm"));
  };
  const Words both{"--biases", "yes", "--dot", "yes"};
  train("plain", "one_layer", 1);
  train("more", "one_layer", 1, both);
  expect_refused("more", {},
                 HasSubstr("(biases = not in force, was yes; dot = not in force, was yes)"));
  expect_refused("plain", both,
                 HasSubstr("(biases = yes, was not in force; dot = yes, was not in force)"));
  expect_refused("plain", {"--embedding-dim", "8", "--hidden", "16"},
                 HasSubstr("(embedding-dim = 8, was 32; hidden = 16, was 64)"));
  expect_refused("plain", {"--features", "words"}, HasSubstr("(features = words, was"));
  replace_set(14);
  expect_refused("more", {}, HasSubstr("biases = not in force, was yes"));
}

TEST_F(StartState, RowsThatEachSetNumbersByItselfBeginAnew) {
  const Words trained{"--features", "day,sessions"};
  train("first", "enriched", 2, trained);
  const auto users = users_of(newest("first", "enriched"));
  replace_set(14);
  const auto with = [&](const Words& words) {
    Words all = trained;
    all.insert(all.end(), words.begin(), words.end());
    return all;
  };
  train("fresh", "enriched", 1, with({"--learning-rate", "1e-30"}));
  const std::string warm =
      train("warm", "enriched", 1,
            with({"--learning-rate", "1e-30", "--warm-start", (folder_ / "first").string()}));
  const std::string resumed =
      train("first", "enriched", 3, with({"--learning-rate", "1e-30", "--allow-changes"}));
  for (const std::string& output : {warm, resumed}) {
    EXPECT_THAT(output,
                HasSubstr("rows of day, day_bias, page_bias, visit_bias, sitting_bias begin anew: "
                          "each data set numbers them by itself"));
    EXPECT_THAT(output, HasSubstr("rows of user follow what they stand for: 11 kept, 3 new"));
  }
  const auto days_of = [&](const char* run) {
    return io::H5Reader(newest(run, "enriched")).read<float>("parameters/day");
  };
  for (const char* run : {"warm", "first"}) {
    EXPECT_EQ(days_of(run), days_of("fresh")) << run;
    for (const auto& [user, row] : users) EXPECT_EQ(users_of(newest(run, "enriched"))[user], row);
  }
}

TEST_F(StartState, WordsAndGenresOfFeaturesKeepTheirRows) {
  const Words trained{"--features", "words,genres"};
  train("first", "fm", 1, trained);
  replace_set(14);
  Words warm = trained;
  warm.insert(warm.end(),
              {"--learning-rate", "1e-30", "--warm-start", (folder_ / "first").string()});
  const std::string output = train("warm", "fm", 1, warm);
  for (const char* table : {"word", "word_bias", "genre", "genre_bias"})
    EXPECT_THAT(output, HasSubstr(fmt::format("rows of {} follow what they stand for", table)));
  EXPECT_THAT(output, Not(HasSubstr("begin anew")));
  const auto genres = [&](const char* run) {
    return io::H5Reader(newest(run, "fm")).read<float>("parameters/genre");
  };
  EXPECT_EQ(genres("warm"), genres("first"));
}

// T37: data grow, and ids stand in the order of an export.
TEST_F(StartState, UsersInAnotherOrderKeepTheirOwnVectors) {
  train("run", "one_layer", 2);
  const fs::path before = newest("run", "one_layer");
  const auto users = users_of(before);
  const auto titles = titles_of(before);
  const auto sums = rows_of(before, "state/accumulator/user", train::read_row_names(before).users);
  const auto order = train::read_row_names(before).users;
  replace_set(11);
  const std::string resumed = go_on("one_layer", 3);
  EXPECT_THAT(resumed,
              HasSubstr("rows of user follow what they stand for: 11 kept, 0 new, 0 gone"));
  const fs::path after = newest("run", "one_layer");
  ASSERT_NE(train::read_row_names(after).users, order) << "the case needs another order";
  EXPECT_EQ(users_of(after), users);
  EXPECT_EQ(titles_of(after), titles);
  for (const auto& [id, row] :
       rows_of(after, "state/accumulator/user", train::read_row_names(after).users)) {
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_GE(row[i], sums.at(id)[i]) << id;
  }
  EXPECT_THAT(train::read_checkpoint_head(after).info.changes,
              HasSubstr("step 10: rows of user follow what they stand for: 11 kept"));
  EXPECT_THAT(verify("run"), HasSubstr("steps 10 to 15 replayed"));
}

TEST_F(StartState, TheAverageFollowsToo) {
  const auto averages_of = [](const fs::path& checkpoint) {
    return rows_of(checkpoint, "average/user", train::read_row_names(checkpoint).users);
  };
  train("run", "one_layer", 2, {"--ema", "0.5"});
  const auto weights = users_of(newest("run", "one_layer"));
  const auto before = averages_of(newest("run", "one_layer"));
  replace_set(12);
  train("run", "one_layer", 3, {"--ema", "0.5", "--learning-rate", "1e-30", "--allow-changes"});
  // Five steps in which the weights stand: what the average lacks of them is halved in each.
  const auto all_weights = users_of(newest("run", "one_layer"));
  for (const auto& [user, row] : averages_of(newest("run", "one_layer"))) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const float lacked = before.contains(user) ? before.at(user)[i] - weights.at(user)[i] : 0;
      EXPECT_NEAR(row[i], all_weights.at(user)[i] + lacked / 32, 1e-7) << user;
    }
  }
}

TEST_F(StartState, NewUsersStartAsInANewRunAndGoneOnesAreCounted) {
  train("run", "one_layer", 1);
  const auto before = users_of(newest("run", "one_layer"));
  replace_set(14);
  EXPECT_THAT(go_on("one_layer", 2), HasSubstr("user follow what they stand for: 11 kept, 3 new"));
  train("new", "one_layer", 1, {"--learning-rate", "1e-30"});
  auto expected = users_of(newest("new", "one_layer"));
  for (const auto& [id, row] : before) expected[id] = row;
  EXPECT_EQ(users_of(newest("run", "one_layer")), expected);
  replace_set(9);
  EXPECT_THAT(go_on("one_layer", 3), HasSubstr("9 kept, 0 new, 5 gone"));
}

TEST_F(StartState, EveryTableOfEveryVariantFollows) {
  const std::string all = "basic,one_layer,enriched,complex,fm";
  train("run", all, 1);
  replace_set(12);
  const std::string resumed = go_on(all, 2);
  for (const char* table : {"user", "title", "timestamp_bucket", "word", "genre", "user_bias"}) {
    EXPECT_THAT(resumed, HasSubstr(fmt::format("rows of {} follow", table)));
  }
  EXPECT_THAT(resumed, HasSubstr("rows of genre follow what they stand for: 6 kept, 0 new"));
}

TEST_F(StartState, AStartedEpochAndTheBestBeginAnew) {
  cut_validation();
  train("run", "one_layer", 3, {"--checkpoint-every", "1steps", "--keep", "100"});
  for (const auto& saved : find_checkpoints(folder_ / "run", "one_layer")) {
    if (saved.step > 9) fs::remove(saved.path);  // 4 steps make an epoch
  }
  replace_set(11, 0.2);
  const std::string resumed = go_on("one_layer", 3);
  EXPECT_THAT(resumed, AllOf(HasSubstr("epoch 3, of which 64 ratings were done, begins anew"),
                             HasSubstr("best starts anew"),
                             HasSubstr("2 epochs and 0 ratings of the next are done, step 9")));
  const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
  EXPECT_EQ(head.progress.step, 13U);
  EXPECT_EQ(head.progress.best_step, 13U);
  const auto rows = History(folder_ / "run").read();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NEAR(head.progress.best_rmse, rows[2].validation_rmse.value(), 1e-6);
}

/// Options: a sampled run by these settings, which ramp up at once.
std::vector<std::string> sampler(const std::string& settings) {
  return {"--optimizer",    "adam", "--learning-rate", "0.03",
          "--biases",       "yes",  "--keep",          "100",
          "--keep-samples", "9",    "--sampler",       "sgld:ramp=1,resample_from=3," + settings};
}

/// The same by changed ones.
std::vector<std::string> other_sampler(const std::string& settings) {
  auto words = sampler(settings);
  words.emplace_back("--allow-changes");
  return words;
}

std::vector<double> rates_of(const fs::path& run) {
  std::vector<double> rates;
  for (const HistoryRow& row : History(run).read()) rates.push_back(row.learning_rate);
  return rates;
}

TEST_F(StartState, AnotherStepOfTheSamplerIsInForceAndTheMeanBeginsAnew) {
  train("run", "basic", 4, sampler("step=0.05,warm_up=1,burn_in=2"));
  const std::string changed =
      train("run", "basic", 7, other_sampler("step=0.02,warm_up=1,burn_in=2"));
  EXPECT_THAT(changed, AllOf(HasSubstr("in force: sampling steps of 0.02, batch 64"),
                             HasSubstr("sampling goes on in steps of 0.02, was 0.05"),
                             HasSubstr("mean of sampled models begins anew: the 2 before"),
                             HasSubstr("errors of the mean of 3 sampled models")));
  EXPECT_THAT(rates_of(folder_ / "run"),
              ::testing::ElementsAre(0.03, 0.05, 0.05, 0.05, 0.02, 0.02, 0.02));
  EXPECT_THAT(train::read_checkpoint_head(newest("run", "basic")).info.changes,
              HasSubstr("step 20: the mean of sampled models begins anew"));
  for (const auto& sample : find_samples(folder_ / "run", "basic")) EXPECT_GT(sample.step, 20U);
  EXPECT_THAT(verify("run"), HasSubstr("same bits"));
  // The new step is the one to keep, and the mean goes on; so it does from the change itself.
  EXPECT_THAT(train("run", "basic", 8, sampler("step=0.02,warm_up=1,burn_in=2")),
              AllOf(HasSubstr("errors of the mean of 4 sampled models"), Not(HasSubstr("anew"))));
  for (const auto& saved : find_checkpoints(folder_ / "run", "basic"))
    if (saved.step > 25) fs::remove(saved.path);
  EXPECT_THAT(verify("run"), HasSubstr("steps 20 to 25 replayed"));
}

TEST_F(StartState, ModelsThatANewBurnInLeavesOutAreNotInTheMean) {
  train("run", "basic", 6, sampler("step=0.05,warm_up=1,burn_in=2"));
  EXPECT_THAT(train("run", "basic", 10, other_sampler("step=0.05,warm_up=1,burn_in=8")),
              AllOf(HasSubstr("the 4 before were drawn with another --sampler"),
                    HasSubstr("errors of the mean of 2 sampled models")));
}

TEST_F(StartState, ALongerWarmUpOfTheSamplerIsInForce) {
  train("run", "basic", 3, sampler("step=0.05,warm_up=1,burn_in=2"));
  EXPECT_THAT(train("run", "basic", 7, other_sampler("step=0.04,warm_up=5,burn_in=6")),
              AllOf(HasSubstr("in force: learning rate 0.03"),
                    HasSubstr("sampling begins anew behind the longer warm-up"),
                    HasSubstr("errors of the mean of 1 sampled model:")));
  EXPECT_THAT(rates_of(folder_ / "run"),
              ::testing::ElementsAre(0.03, 0.05, 0.05, 0.03, 0.03, 0.04, 0.04));
  EXPECT_THAT(verify("run"), HasSubstr("same bits"));
}

// In two orders some ratings come twice and others never.
TEST_F(StartState, AStartedEpochBeginsAnewInAnotherOrder) {
  for (const Words& other : {Words{"--seed", "2"}, Words{"--order", "blocks"}}) {
    const Words saves{"--checkpoint-every", "1steps", "--keep", "100"};
    train("run", "one_layer", 2, saves);
    for (const auto& saved : find_checkpoints(folder_ / "run", "one_layer"))
      if (saved.step > 7) fs::remove(saved.path);  // 5 steps make an epoch
    Words words = saves;
    words.insert(words.end(), other.begin(), other.end());
    words.emplace_back("--allow-changes");
    const std::string resumed = train("run", "one_layer", 2, words);
    EXPECT_THAT(resumed, AllOf(HasSubstr("epoch 2, of which 128 ratings were done, begins anew"),
                               HasSubstr("1 epochs and 0 ratings of the next are done, step 7")));
    const auto head = train::read_checkpoint_head(newest("run", "one_layer"));
    EXPECT_EQ(head.progress.step, 12U);
    EXPECT_THAT(head.info.changes, HasSubstr("step 7: epoch 2, of which 128 ratings"));
    for (const auto& saved : find_checkpoints(folder_ / "run", "one_layer"))
      if (saved.step > 8) fs::remove(saved.path);
    EXPECT_THAT(verify("run"), HasSubstr("steps 7 to 8 replayed"));
    fs::remove_all(folder_ / "run");
  }
}

TEST_F(StartState, WhatHasNoSayAnyMoreIsRefused) {
  const auto expect_refused = [&](const std::string& message, const Words& words) {
    testing::expect_error(ErrorKind::usage, HasSubstr(message), [&] {
      Words all = words;
      all.emplace_back("--allow-changes");
      train("run", "one_layer", 9, all);
    });
  };
  const std::string no_say = ": would change nothing from here on";
  train("run", "one_layer", 2);
  expect_refused("first-weights = normal:scale=0.5, was not in force" + no_say,
                 {"--first-weights", "normal:scale=0.5"});
  expect_refused("initial_accumulator=0.1,epsilon=1e-07" + no_say,
                 {"--optimizer", "adagrad:initial_accumulator=0.7"});
  for (const Words& size : {Words{"--embedding-dim", "8"}, Words{"--hidden", "64,64"},
                            Words{"--biases", "yes"}, Words{"--dot", "yes"}}) {
    expect_refused(", was ", size);
    expect_refused("cannot be changed on the way, by --allow-changes neither", size);
  }
  const std::string sampling = "sgld:warm_up=2,burn_in=4";
  expect_refused("learning-rate = 0.2, was 0.1" + no_say,
                 {"--learning-rate", "0.2", "--sampler", sampling});
  EXPECT_THAT(
      train("run", "one_layer", 5,
            {"--learning-rate", "0.2", "--sampler", "sgld:warm_up=3,burn_in=4", "--allow-changes"}),
      HasSubstr("in force: learning rate 0.2"));
  // Of other data, new rows begin with them.
  replace_set(14);
  EXPECT_THAT(train("run", "one_layer", 6,
                    {"--learning-rate", "0.2", "--sampler", "sgld:warm_up=3,burn_in=4",
                     "--first-weights", "normal:scale=0.5", "--allow-changes"}),
              HasSubstr("11 kept, 3 new"));
}

TEST_F(StartState, AGroupIsTakenWhereItsStateBeginsAsItWas) {
  const Words slow{"--group", "tables:rate=0.05"};
  Words words = slow;
  words.emplace_back("--allow-changes");
  train("run", "one_layer", 1);
  EXPECT_THAT(train("run", "one_layer", 2, words), HasSubstr("epoch 2/2"));
  words.insert(words.end(), {"--group", "title:rate=0.01"});
  EXPECT_THAT(train("run", "one_layer", 3, words), HasSubstr("epoch 3/3"));
  words.back() = "title:initial_accumulator=5";
  expect_error(ErrorKind::usage, HasSubstr("would change nothing from here on"),
               [&] { train("run", "one_layer", 4, words); });
}

// While models are sampled an optimiser goes on moving the cuts.
TEST_F(StartState, OfAnOrdinalSampledRunTheOptimiserHasASay) {
  Words words{"--likelihood", "ordinal", "--sampler", "sgld:warm_up=1,burn_in=1"};
  train("run", "basic", 2, words);
  // Of all else it has none.
  for (const Words& other : {Words{"--learning-rate", "0.01"}, Words{"--optimizer", "adam"},
                             Words{"--group", "tables:rate=0.5,l2=0.3"}}) {
    Words changed = words;
    changed.insert(changed.end(), other.begin(), other.end());
    changed.emplace_back("--allow-changes");
    expect_error(ErrorKind::usage, HasSubstr("would change nothing from here on"),
                 [&] { train("run", "basic", 3, changed); });
  }
  words.insert(words.end(), {"--group", "ordinal:optimizer=adam,rate=0.0003", "--allow-changes"});
  EXPECT_THAT(train("run", "basic", 3, words), HasSubstr("epoch 3/3"));
}

TEST_F(StartState, WithTheSameDataNothingIsSaidOfRows) {
  train("run", "one_layer", 1);
  EXPECT_THAT(go_on("one_layer", 2), Not(HasSubstr("rows of")));
}

// What took its place would not have been trained: rows that others lack would be gone.
TEST_F(StartState, OtherDataDoNotReplaceTheEndOfAFinishedRun) {
  train("run", "one_layer", 2);
  const auto files = [&](const char* run) {
    return std::pair(testing::read_file(folder_ / run / "result.json"),
                     testing::read_file(newest(run, "one_layer")));
  };
  const auto trained = files("run");
  const std::string last = newest("run", "one_layer").string();
  replace_set(7);
  for (const auto& run : {std::pair("run", Words{"--allow-changes"}),
                          std::pair("branch", Words{"--allow-changes", "--resume", last})}) {
    expect_error(ErrorKind::usage,
                 AllOf(HasSubstr("(data digest = "), HasSubstr("would train nothing")),
                 [&] { train(run.first, "one_layer", 2, run.second); });
  }
  EXPECT_EQ(files("run"), trained);
  EXPECT_FALSE(fs::exists(folder_ / "branch"));
  EXPECT_THAT(train("run", "one_layer", 3, {"--allow-changes"}),
              HasSubstr("7 kept, 0 new, 4 gone"));
}

TEST_F(StartState, AnotherLikelihoodIsNamed) {
  train("run", "basic", 1);
  const auto training = [&](const std::string& run, const Words& more) {
    return [=, this] { train(run, "basic", 2, more); };
  };
  const std::string levels = "ordinal:1,2,3,4,5";
  expect_error(ErrorKind::usage, HasSubstr("likelihood = " + levels),
               training("run", {"--likelihood", "ordinal"}));
  expect_error(ErrorKind::usage, HasSubstr("cannot be changed on the way"),
               training("run", {"--likelihood", "ordinal", "--allow-changes"}));
  expect_error(
      ErrorKind::usage, HasSubstr("with --likelihood gaussian, and this run has " + levels),
      training("warm", {"--likelihood=ordinal", "--warm-start", (folder_ / "run").string()}));
}

}  // namespace
}  // namespace nnrec::run
