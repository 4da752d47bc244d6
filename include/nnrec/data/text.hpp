#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::data {

/// Whether `text` is well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates).
bool is_utf8(std::string_view text) noexcept;
std::string latin1_to_utf8(std::string_view text);

/// For messages: in quotes, other than printable ASCII as \xNN, cut after 60 bytes.
std::string escaped(std::string_view text);

/// Without blanks (space, tab) at both ends.
std::string_view trimmed(std::string_view text) noexcept;

/// The words of a title as the published recipe cuts them: ASCII letters to lower case, ASCII
/// punctuation removed, split at white space.
std::vector<std::string> title_words(std::string_view title);

/// The year in the last brackets, "Slow Ferry (Lento (Vol. 2)) (1988)" -> 1988; nothing where these
/// hold anything but four digits.
std::optional<int> title_year(std::string_view title) noexcept;

/// The whole text as a decimal number, whatever the locale; nothing when any byte is left over or
/// the value does not fit.
template <typename T>
std::optional<T> parse_number(std::string_view text) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number of bytes: digits, a decimal point if need be, and at most one unit: B, kB, MB, GB, TB
/// (powers of 1,000) or KiB, MiB, GiB, TiB (of 1,024), in any case. Nothing where it is anything
/// else or does not fit; fractions of a byte are cut off.
std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept;

}  // namespace nnrec::data
