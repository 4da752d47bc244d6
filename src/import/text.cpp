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

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
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
