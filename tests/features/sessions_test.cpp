#include "nnrec/features/sessions.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace nnrec::features {
namespace {

/// User 0 rates at 1000 (twice), 1120, 1241 and 9000; user 1 never; user 2 at 1000.
OwnedSessions sessions() {
  const std::vector<std::uint32_t> user{2, 0, 0, 0, 0, 0};
  const std::vector<std::int64_t> time{1000, 9000, 1000, 1241, 1000, 1120};
  SessionBuilder builder;
  const shards::RatingColumns all{user, {}, {}, time};
  builder.add(all.slice(0, 2));  // in any grouping
  builder.add(all.slice(2, 4));
  return builder.finish(3);
}

TEST(Sessions, RatingsThatFollowEachOtherWithinAGapShareASession) {
  const OwnedSessions own = sessions();
  const Sessions view = own.view();
  EXPECT_EQ(view.rows_at(0, 1000), (SessionRows{1, 1, 1}));
  EXPECT_EQ(view.rows_at(0, 1120), (SessionRows{2, 1, 1})) << "120 s later";
  EXPECT_EQ(view.rows_at(0, 1241), (SessionRows{3, 2, 1})) << "121 s later";
  EXPECT_EQ(view.rows_at(0, 9000), (SessionRows{4, 3, 2})) << "7759 s later";
  EXPECT_EQ(view.rows_at(2, 1000), (SessionRows{5, 4, 3})) << "another user's are others";
  EXPECT_EQ(view.page_rows(), 6U);
  EXPECT_EQ(view.visit_rows(), 5U);
  EXPECT_EQ(view.sitting_rows(), 4U);
  EXPECT_EQ(view.moments[0].ratings, 2U);
}

TEST(Sessions, AQuestionJoinsTheNearestSessionWithinItsGap) {
  const OwnedSessions own = sessions();
  const Sessions view = own.view();
  EXPECT_EQ(view.rows_at(0, 1001), (SessionRows{0, 1, 1})) << "a page is of one second";
  EXPECT_EQ(view.rows_at(0, 880), (SessionRows{0, 1, 1}));
  EXPECT_EQ(view.rows_at(0, 879), (SessionRows{0, 0, 1}));
  EXPECT_EQ(view.rows_at(0, 1200), (SessionRows{0, 2, 1})) << "41 s before one, 80 s behind one";
  EXPECT_EQ(view.rows_at(0, 16'200), (SessionRows{0, 0, 2}));
  EXPECT_EQ(view.rows_at(0, 16'201), (SessionRows{0, 0, 0}));
}

TEST(Sessions, WhoHasNoTrainingRatingHasNoSession) {
  const OwnedSessions own = sessions();
  EXPECT_EQ(own.view().rows_at(1, 1000), SessionRows{});
  EXPECT_EQ(own.view().rows_at(7, 1000), SessionRows{}) << "an unknown user";
  EXPECT_EQ(Sessions{}.rows_at(0, 1000), SessionRows{});
  const OwnedSessions none = SessionBuilder().finish(2);
  EXPECT_EQ(none.view().rows_at(1, 0), SessionRows{});
  EXPECT_EQ(none.view().sitting_rows(), 1U);
}

TEST(Sessions, TimesAsFarApartAsNumbersGoAreNoNeighbours) {
  const std::vector<std::uint32_t> user{0, 0};
  const std::vector<std::int64_t> time{std::numeric_limits<std::int64_t>::min(),
                                       std::numeric_limits<std::int64_t>::max()};
  SessionBuilder builder;
  builder.add({user, {}, {}, time});
  const OwnedSessions own = builder.finish(1);
  EXPECT_EQ(own.view().rows_at(0, time[1]), (SessionRows{2, 2, 2}));
  EXPECT_EQ(own.view().rows_at(0, 0), SessionRows{});
}

}  // namespace
}  // namespace nnrec::features
