#include "nnrec/features/extra.hpp"

#include <gmock/gmock.h>

#include "support/expect_error.hpp"

namespace nnrec::features {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Extra, NamesAreReadInAnyOrderAndWrittenInOne) {
  EXPECT_EQ(text_of(parse_extras("words,day,sessions")), "day,sessions,words");
  EXPECT_EQ(text_of(parse_extras("all")),
            "day,sessions,age,gender,occupation,zip,year,words,genres");
  EXPECT_EQ(text_of(parse_extras("none")), "none");
  EXPECT_TRUE(parse_extras("none").empty());
}

TEST(Extra, AnUnknownNameIsRefusedBesideTheKnown) {
  for (const char* text : {"yaer", "day,yaer", "day,", ""}) {
    testing::expect_error(ErrorKind::usage,
                          AllOf(HasSubstr("is not one of day, sessions"), HasSubstr("all or none")),
                          [&] { parse_extras(text); });
  }
}

}  // namespace
}  // namespace nnrec::features
