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
  testing::expect_error(ErrorKind::input, HasSubstr("one_layer-step"), [&] {
    train("narrow", "one_layer", 1,
          {"--warm-start", (folder_ / "first").string(), "--embedding-dim", "8"});
  });
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

TEST_F(StartState, WithTheSameDataNothingIsSaidOfRows) {
  train("run", "one_layer", 1);
  EXPECT_THAT(go_on("one_layer", 2), Not(HasSubstr("rows of")));
}

}  // namespace
}  // namespace nnrec::run
