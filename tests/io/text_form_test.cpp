#include "nnrec/io/text_form.hpp"

#include <algorithm>

#include "support/expect_error.hpp"

namespace nnrec::io {
namespace {
using Code = TextForm::Code;
using namespace std::string_literals;

/// Gives few bytes at a time, so that characters and line ends are cut in two.
class SlowSource : public ByteSource {
 public:
  explicit SlowSource(std::string text) : text_(std::move(text)) {}
  std::size_t read(std::span<char> buffer) override {
    const auto count = std::min({buffer.size(), text_.size() - at_, std::size_t{3}});
    std::copy_n(text_.data() + at_, count, buffer.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// A text of ASCII and the letters that follow, in another encoding.
std::string encoded(std::u32string_view text, Code code) {
  std::string bytes;
  const auto put = [&](std::uint32_t unit, int size, bool little) {
    for (int byte = 0; byte < size; ++byte) {
      bytes += static_cast<char>(unit >> 8 * (little ? byte : size - 1 - byte));
    }
  };
  for (const auto c : text) {
    if (code == Code::utf32_le || code == Code::utf32_be) {
      put(c, 4, code == Code::utf32_le);
    } else if (c > 0xFFFF) {
      put(0xD800 + ((c - 0x10000) >> 10), 2, code == Code::utf16_le);
      put(0xDC00 + ((c - 0x10000) & 0x3FF), 2, code == Code::utf16_le);
    } else {
      put(c, 2, code == Code::utf16_le);
    }
  }
  return bytes;
}

std::string plain(const std::string& bytes) {
  return read_all(*as_plain_text(form_of_text(bytes), std::make_unique<SlowSource>(bytes), "file"));
}

constexpr std::array kCodes{Code::utf16_le, Code::utf16_be, Code::utf32_le, Code::utf32_be};

TEST(TextForm, WideEncodingsAreReadWithAndWithoutAMark) {
  for (const auto code : kCodes) {
    const auto bytes = encoded(U"user,item\n1,2\n", code);
    EXPECT_EQ(form_of_text(bytes).code, code);
    EXPECT_EQ(plain(bytes), "user,item\n1,2\n");
    const auto marked = encoded(U"\uFEFF\u00E9\u20AC\U0001F3AC,1\n", code);
    EXPECT_EQ(form_of_text(marked).code, code);
    EXPECT_EQ(plain(marked), "\xEF\xBB\xBF\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xAC,1\n");
  }
}

TEST(TextForm, TextOfBytesStaysAsItIs) {
  for (const auto& text :
       {""s, "a"s, "1,2\r\n3,4\r\n"s, "caf\xE9\n"s, "\xEF\xBB\xBFx\n"s, "one\rwithin\n"s}) {
    EXPECT_TRUE(form_of_text(text).is_plain()) << text;
    EXPECT_EQ(plain(text), text);
  }
}

TEST(TextForm, ZeroBytesElsewhereAreNoText) {
  for (const auto& bytes :
       {"\0\0\0\0"s, "ab\0\0\0\0cd"s, "\x89HDF\r\n\x1A\n\0\0\0\0\0\0"s, "a\0\0b\0\0c\0"s}) {
    EXPECT_EQ(form_of_text(bytes).code, Code::bytes);
  }
}

TEST(TextForm, CarriageReturnsAloneEndLines) {
  EXPECT_EQ(plain("1,2\r3,4\r"), "1,2\n3,4\n");
  EXPECT_EQ(plain("1,2\r\r3"), "1,2\n\n3");
  for (const auto code : kCodes) {
    // U+0A0D has the bytes of both line ends.
    EXPECT_EQ(plain(encoded(U"\uFEFF1\r2\u0A0D\r", code)),
              "\xEF\xBB\xBF"
              "1\n2\xE0\xA8\x8D\n");
    EXPECT_EQ(plain(encoded(U"11\r\n22\r\n", code)), "11\r\n22\r\n");
  }
  // Far behind the first lines, what ends them may change.
  TextForm form;
  form.carriage_returns = true;
  EXPECT_EQ(read_all(*as_plain_text(form, std::make_unique<SlowSource>("a\rb\r\nc\nd"), "file")),
            "a\nb\nc\nd");
}

TEST(TextForm, WhatTheEncodingDoesNotAllowIsNamedByItsPlace) {
  auto lone = encoded(U"\uFEFF1234", Code::utf16_le) + "\x00\xDC"s + encoded(U"56", Code::utf16_le);
  testing::expect_error(ErrorKind::input,
                        ::testing::AllOf(::testing::HasSubstr("file: is UTF-16 (little-endian)"),
                                         ::testing::HasSubstr("at byte 11 has no character")),
                        [&] { plain(lone); });
  testing::expect_error(ErrorKind::input, ::testing::HasSubstr("ends within a character"),
                        [&] { plain(encoded(U"1234", Code::utf32_be) + "\0\0"s); });
}

TEST(TextForm, LongTextsAreConvertedWhole) {
  std::u32string text;
  std::string expected;
  for (int line = 0; line < 20'000; ++line) {
    text += U"\u20AC1,2\r";
    expected +=
        "\xE2\x82\xAC"
        "1,2\n";
  }
  EXPECT_EQ(plain(encoded(U"\uFEFF" + text, Code::utf16_be)), "\xEF\xBB\xBF" + expected);
}

}  // namespace
}  // namespace nnrec::io
