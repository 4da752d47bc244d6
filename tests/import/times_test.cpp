#include "nnrec/import/times.hpp"

#include "support/expect_error.hpp"

namespace nnrec::importing {
namespace {
using ::testing::HasSubstr;

// Independent values: date -u -d "..." +%s.
TEST(IsoTime, DatesWithAndWithoutATimeOfDayAreRead) {
  EXPECT_EQ(parse_iso_time("1970-01-01"), 0);
  EXPECT_EQ(parse_iso_time("2005-09-06"), 1125964800);
  EXPECT_EQ(parse_iso_time("2005/09/06"), 1125964800);
  EXPECT_EQ(parse_iso_time("2005-04-03 21:53:47"), 1112565227);
  EXPECT_EQ(parse_iso_time("2005-04-03T21:53:47"), 1112565227);
  EXPECT_EQ(parse_iso_time("2005-04-03 21:53"), 1112565180);
  EXPECT_EQ(parse_iso_time("2005-04-03 21:53:47.999"), 1112565227);
  EXPECT_EQ(parse_iso_time("2000-02-29"), 951782400);
  EXPECT_EQ(parse_iso_time("1969-12-31"), -86400);
}

TEST(IsoTime, ZonesMoveTheInstant) {
  EXPECT_EQ(parse_iso_time("2005-04-03T21:53:47Z"), 1112565227);
  EXPECT_EQ(parse_iso_time("2005-04-03 21:53:47 UTC"), 1112565227);
  EXPECT_EQ(parse_iso_time("2005-04-03T21:53:47+02:00"), 1112558027);
  EXPECT_EQ(parse_iso_time("2005-04-03T21:53:47.5-0730"), 1112592227);
  EXPECT_EQ(parse_iso_time("2005-04-03T21:53:47+02"), 1112558027);
}

TEST(IsoTime, WhatIsNoDateIsRefused) {
  for (const char* text :
       {"", "2005", "2005-09", "2005-9-6", "2005-02-29", "2005-13-01", "2005-00-10", "05-09-06",
        "2005-09-06x", "2005-09-06 ", "2005-09-06 24:00", "2005-09-06 12:60", "2005-09/06",
        "2005-09-06 12", "2005-09-06 12:00:00+1", "06-09-2005", "20050906",
        "2005-09-06T12:00+99"}) {
    EXPECT_FALSE(parse_iso_time(text)) << text;
  }
}

TEST(TimePattern, PeoplesWaysOfWritingAreRead) {
  const auto read = [](const char* pattern, const char* text) {
    return TimePattern(pattern).parse(text);
  };
  EXPECT_EQ(read("%d/%m/%Y", "06/09/2005"), 1125964800);
  EXPECT_EQ(read("%m/%d/%Y %H:%M", "4/3/2005 21:53"), 1112565180);
  EXPECT_EQ(read("%m %d, %Y", "09 6, 2005"), 1125964800);
  EXPECT_EQ(read("%b %d %Y %T", "Apr 03 2005 21:53:47"), 1112565227);
  EXPECT_EQ(read("%B %e, %Y", "September  6, 2005"), 1125964800);
  EXPECT_EQ(read("%d-%b-%y", "06-SEP-05"), 1125964800);
  EXPECT_EQ(read("%Y%m%d", "20050906"), 1125964800);
  EXPECT_EQ(read("%Y-%j", "2005-249"), 1125964800);
  EXPECT_EQ(read("%m/%d/%Y %I:%M:%S %p", "04/03/2005 9:53:47 PM"), 1112565227);
  EXPECT_EQ(read("%F %I %p", "1970-01-01 12 AM"), 0);
  EXPECT_EQ(read("%FT%T.%f%z", "2005-04-03T21:53:47.123+02:00"), 1112558027);
  EXPECT_EQ(read("%s", "978300000"), 978300000);
  EXPECT_EQ(read("%d.%m.%Y 100%%", "06.09.2005 100%"), 1125964800);
}

TEST(TimePattern, WhatIsNotOfThePatternIsRefused) {
  const TimePattern pattern("%d/%m/%Y");
  for (const char* text : {"", "06-09-2005", "31/02/2005", "06/13/2005", "06/09/05", "06/09/2005 ",
                           "6 /9/2005", "x"}) {
    EXPECT_FALSE(pattern.parse(text)) << text;
  }
  EXPECT_FALSE(TimePattern("%F %I %p").parse("1970-01-01 13 PM"));
}

TEST(TimePattern, PatternsThatNameNoInstantAreWrongUsage) {
  for (const char* pattern : {"", "%H:%M", "%Y", "%m/%d", "%Y-%m"}) {
    testing::expect_error(ErrorKind::usage, HasSubstr("names no day"),
                          [&] { TimePattern{pattern}; });
  }
  for (const char* pattern : {"%Q", "%Y-%m-%d %", "%Y-%m-%d %k"}) {
    testing::expect_error(ErrorKind::usage, HasSubstr("is not one of the letters"),
                          [&] { TimePattern{pattern}; });
  }
}

TEST(LikelyTime, IsFrom1990ToADayFromNow) {
  constexpr std::int64_t kNow = 1'700'000'000;
  EXPECT_FALSE(is_likely_time(631'151'999, kNow));
  EXPECT_TRUE(is_likely_time(631'152'000, kNow)) << "1990-01-01T00:00:00Z";
  EXPECT_TRUE(is_likely_time(kNow + 86'400, kNow));
  EXPECT_FALSE(is_likely_time(kNow + 86'401, kNow));
  EXPECT_TRUE(is_likely_time(unix_now(), unix_now()));
}

}  // namespace
}  // namespace nnrec::importing
