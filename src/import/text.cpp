#include "nnrec/import/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kQuotedBytes = 60;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
/// !"#$%&'()*+,-./ :;<=>?@ [\]^_` {|}~
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

/// The length of the well-formed sequence that begins with lead byte `a` and second byte `b`; 0
/// when there is none.
std::size_t sequence_length(std::uint8_t a, std::uint8_t b) {
  if (a < 0x80) return 1;
  if (b < 0x80 || b > 0xBF) return 0;
  if (a >= 0xC2 && a <= 0xDF) return 2;
  if (a == 0xE0) return b >= 0xA0 ? 3 : 0;
  if (a == 0xED) return b <= 0x9F ? 3 : 0;
  if (a >= 0xE1 && a <= 0xEF) return 3;
  if (a == 0xF0) return b >= 0x90 ? 4 : 0;
  if (a >= 0xF1 && a <= 0xF3) return 4;
  if (a == 0xF4) return b <= 0x8F ? 4 : 0;
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  const auto byte = [text](std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto length = sequence_length(byte(at), byte(at + 1));
    if (length == 0) return false;
    for (std::size_t next = 2; next < length; ++next) {
      if ((byte(at + next) & 0xC0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

std::string latin1_to_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto code = static_cast<std::uint8_t>(c);
    if (code < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | (code >> 6));
      result += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return result;
}

std::string escaped(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, kQuotedBytes)) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      result += fmt::format("\\x{:02X}", static_cast<std::uint8_t>(c));
    }
  }
  return result + (text.size() > kQuotedBytes ? "...\"" : "\"");
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<std::string> title_words(std::string_view title) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : title) {
    if (is_space(c)) {
      end_word();
    } else if (!is_punctuation(c)) {
      word += to_lower(c);
    }
  }
  end_word();
  return words;
}

std::optional<int> title_year(std::string_view title) noexcept {
  const auto close = title.rfind(')');
  if (close == std::string_view::npos) return std::nullopt;
  const auto open = title.rfind('(', close);
  if (open == std::string_view::npos || close - open != 5) return std::nullopt;
  const auto year = title.substr(open + 1, 4);
  if (!is_digits(year)) return std::nullopt;
  return parse_number<int>(year);
}

}  // namespace nnrec::importing
