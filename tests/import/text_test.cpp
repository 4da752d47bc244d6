#include "nnrec/import/text.hpp"

#include <cstdint>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/numbers.hpp"

namespace nnrec::import {
namespace {
using ::testing::ElementsAre;

TEST(Text, Utf8IsToldFromWhatOnlyLooksLikeIt) {
  for (const char* good :
       {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\xAC", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(is_utf8(good)) << escaped(good);
  }
  for (const char* bad : {"\xE9", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80", "\xF0\x9F\x8E("}) {
    EXPECT_FALSE(is_utf8(bad)) << escaped(bad);
  }
}

TEST(Text, EveryLatin1ByteBecomesValidUtf8) {
  std::string all;
  for (int byte = 1; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_TRUE(is_utf8(latin1_to_utf8(all)));
  EXPECT_EQ(latin1_to_utf8("Mis\xE9rables"), "Mis\xC3\xA9rables");
}

TEST(Text, MessagesShowBytesEscapedAndCut) {
  EXPECT_EQ(escaped("a\xC2\xA0\"b\t"), R"("a\xC2\xA0\"b\x09")");
  EXPECT_EQ(escaped(std::string(70, 'x')), "\"" + std::string(60, 'x') + "...\"");
}

TEST(Text, TitleWordsFollowThePublishedRecipe) {
  EXPECT_THAT(title_words("Star Trek VI: The Undiscovered Country (1991)"),
              ElementsAre("star", "trek", "vi", "the", "undiscovered", "country", "1991"));
  EXPECT_THAT(title_words("  Schindler's\tList--(Sci-Fi) \n"),
              ElementsAre("schindlers", "listscifi"));
  EXPECT_THAT(title_words("\xC3\x89t\xC3\xA9 &"), ElementsAre("\xC3\x89t\xC3\xA9"));
  EXPECT_TRUE(title_words(R"(!"#$%&()*+,-./:;<=>?@[\]^_`{|}~' )").empty());
}

TEST(Text, ANumberIsTheWholeField) {
  EXPECT_EQ(parse_number<float>("3.5"), 3.5F);
  EXPECT_EQ(parse_number<std::int64_t>("-7"), -7);
  for (const char* bad : {"", "3,5", "3 ", " 3", "0x10", "3a", "+3", "1e999"}) {
    EXPECT_FALSE(parse_number<float>(bad).has_value()) << bad;
  }
  EXPECT_FALSE(parse_number<std::int64_t>("9223372036854775808").has_value());
  EXPECT_FALSE(parse_number<std::int64_t>("3.0").has_value());
}

TEST(Text, SizesInBytesTakeUnitsOfBothKinds) {
  EXPECT_EQ(parse_byte_size("0"), 0U);
  EXPECT_EQ(parse_byte_size("800000000"), 800'000'000U);
  EXPECT_EQ(parse_byte_size("12B"), 12U);
  EXPECT_EQ(parse_byte_size("500MB"), 500'000'000U);
  EXPECT_EQ(parse_byte_size("64kib"), 65'536U);
  EXPECT_EQ(parse_byte_size("2GiB"), 2'147'483'648U);
  EXPECT_EQ(parse_byte_size("1.5KiB"), 1536U);
  EXPECT_EQ(parse_byte_size("1TiB"), std::uint64_t{1} << 40);
  for (const char* bad : {"", "B", "MB", "-1", "1 GB", "1GB ", "1e9", "1.2.3MB", "1XB", "1GiBs",
                          "1M", "0x10", "99999999999999999999", "9000000000TB"}) {
    EXPECT_FALSE(parse_byte_size(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace nnrec::import
