#include "nnrec/base/text.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(Text, LowerCaseChangesAsciiLettersOnly) {
  EXPECT_EQ(lower_case("AzZ[@9 \xC3\x84"), "azz[@9 \xC3\x84");
  EXPECT_EQ(lower_case(""), "");
}

using Parts = std::vector<std::string_view>;

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("1,2,4", ','), (Parts{"1", "2", "4"}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
  EXPECT_EQ(split("a,b|c", '|'), (Parts{"a,b", "c"}));
  EXPECT_EQ(split("", ','), Parts{""});
}

TEST(Text, Utf8LengthTakesWellFormedCharactersOnly) {
  EXPECT_EQ(utf8_length("ab"), 1U);
  EXPECT_EQ(utf8_length("\xC3\xA9x"), 2U);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x9F\x8E\xAC"), 4U);
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4U);  // the last there is
  for (const char* broken :
       {"", "\x80", "\xC3", "\xC3(", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF0\x9F\x8E("})
    EXPECT_EQ(utf8_length(broken), 0U) << testing::PrintToString(broken);
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
