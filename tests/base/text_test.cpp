#include "nnrec/base/text.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(Text, LowerCaseChangesAsciiLettersOnly) {
  EXPECT_EQ(lower_case("AzZ[@9 \xC3\x84"), "azz[@9 \xC3\x84");
  EXPECT_EQ(lower_case(""), "");
}

TEST(Text, ACsvFieldIsQuotedWhereItHasToBe) {
  EXPECT_EQ(csv_field("plain; it's"), "plain; it's");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("Bad, The"), "\"Bad, The\"");
  EXPECT_EQ(csv_field("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(csv_field("a\r\nb"), "\"a\r\nb\"");
}

}  // namespace
}  // namespace nnrec
