#include "nnrec/run/save_schedule.hpp"

#include <gtest/gtest.h>

#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {

TEST(SaveInterval, ReadsCountsWithUnits) {
  const auto read = [](const char* text) {
    const SaveInterval interval = parse_save_interval(text);
    return std::pair(interval.count, interval.unit);
  };
  using Unit = SaveInterval::Unit;
  EXPECT_EQ(read("50steps"), std::pair(std::uint64_t{50}, Unit::steps));
  EXPECT_EQ(read("1step"), std::pair(std::uint64_t{1}, Unit::steps));
  EXPECT_EQ(read("2epochs"), std::pair(std::uint64_t{2}, Unit::epochs));
  EXPECT_EQ(read("1epoch"), std::pair(std::uint64_t{1}, Unit::epochs));
  EXPECT_EQ(read("90s"), std::pair(std::uint64_t{90}, Unit::seconds));
  EXPECT_EQ(read("10min"), std::pair(std::uint64_t{600}, Unit::seconds));
  EXPECT_EQ(read("2h"), std::pair(std::uint64_t{7200}, Unit::seconds));
}

TEST(SaveInterval, RefusesWhatIsNoneOfThem) {
  for (const char* text : {"", "50", "steps", "0steps", "-1steps", "1.5h", "10 min", "5epochz",
                           "99999999999999999999steps", "2000000000000h"}) {
    testing::expect_error(ErrorKind::usage,
                          ::testing::HasSubstr(fmt::format("{} is not a whole number", text)),
                          [&] { parse_save_interval(text); });
  }
}

TEST(StallTimeout, IsATimeOrNever) {
  EXPECT_EQ(parse_stall_timeout("never").count(), 0);
  EXPECT_EQ(parse_stall_timeout("90s").count(), 90);
  EXPECT_EQ(parse_stall_timeout("2min").count(), 120);
  EXPECT_EQ(parse_stall_timeout("1000000000000h"), std::chrono::seconds(1'000'000'000))
      << "nanoseconds of more would not fit a clock, and be over at once";
  for (const char* text : {"", "0s", "5", "3steps", "1epochs", "soon"}) {
    testing::expect_error(ErrorKind::usage, ::testing::HasSubstr("a unit of time"),
                          [&] { parse_stall_timeout(text); });
  }
}

TEST(SaveSchedule, CountsStepsAndEpochs) {
  const SaveSchedule steps(parse_save_interval("3steps"));
  EXPECT_FALSE(steps.is_due_after_step(1));
  EXPECT_TRUE(steps.is_due_after_step(3));
  EXPECT_FALSE(steps.is_due_after_epoch(3));
  const SaveSchedule epochs(parse_save_interval("2epochs"));
  EXPECT_FALSE(epochs.is_due_after_step(2));
  EXPECT_FALSE(epochs.is_due_after_epoch(1));
  EXPECT_TRUE(epochs.is_due_after_epoch(2));
  const SaveSchedule hours(parse_save_interval("1h"));
  EXPECT_FALSE(hours.is_due_after_step(1));
}

}  // namespace
}  // namespace nnrec::run
