#include "run/rating_levels.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/app/prep_command.hpp"
#include "nnrec/base/log.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::run {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

/// Sets of ratings 1, 2, ... for one user, by a rule.
class RatingLevels : public ::testing::Test {
 protected:
  template <typename Rating>
  shards::ShardSet set_of(int ratings, const Rating& rating) const {
    std::string text = "user,item,rating\n";
    for (int i = 0; i < ratings; ++i) text += fmt::format("u{},i{},{}\n", i % 7, i, rating(i));
    testing::write_file(folder_ / "ratings.csv", text);
    Log log = Log::silent();
    app::prep_command({"--input", (folder_ / "ratings.csv").string(), "--output",
                       (folder_ / "set").string(), "--test-fraction", "0"},
                      log);
    return shards::ShardSet::open(folder_ / "set");
  }
  testing::TemporaryFolder folder_;
};

TEST_F(RatingLevels, AreTheValuesOfTheTrainingRatingsOnEveryRank) {
  const auto set = set_of(200, [](int i) { return 0.5 * (10 - i % 10); });
  test::run_ranks(3, [&](comm::Communicator& ranks) {
    EXPECT_THAT(share_rating_levels(ranks, math::ThreadTeam(1), set),
                ElementsAre(0.5F, 1, 1.5F, 2, 2.5F, 3, 3.5F, 4, 4.5F, 5));
  });
}

TEST_F(RatingLevels, RatingsOnTooManyOrOneLevelAreRefused) {
  const auto many = set_of(200, [](int i) { return 1 + 0.01 * i; });
  expect_error(ErrorKind::input,
               AllOf(HasSubstr("more than 32 values (1, 1.01, 1.02, ..."),
                     HasSubstr("Train with --likelihood gaussian")),
               [&] { read_rating_levels(many, math::ThreadTeam(1)); });
  std::filesystem::remove_all(folder_ / "set");
  const auto one = set_of(200, [](int) { return 4; });
  expect_error(ErrorKind::input, HasSubstr("all training ratings are 4"),
               [&] { read_rating_levels(one, math::ThreadTeam(1)); });
}

}  // namespace
}  // namespace nnrec::run
