#include "nnrec/import/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::importing {
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

}  // namespace
}  // namespace nnrec::importing
