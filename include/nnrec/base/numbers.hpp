#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace nnrec {

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

}  // namespace nnrec
