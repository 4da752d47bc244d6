#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace nnrec {

/// How messages say numbers and lists, whatever the locale.

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t value);
/// "1997-09-20" of Unix seconds, in UTC.
std::string date(std::int64_t seconds);
/// 1234567 -> "1.2 MB": bytes in powers of 1000.
std::string byte_text(double bytes);
/// "40 of 20,000 ratings (0.2 %)": a count is said with its whole.
std::string counted(std::uint64_t count, std::uint64_t whole, const char* noun);
/// What ends a noun of which there are so many: "s", of one nothing.
inline const char* plural(std::uint64_t count) noexcept {
  return count == 1 ? "" : "s";
}
/// "a, b, c and 5 more": at most `most` of them.
std::string listed(std::span<const std::string> texts, std::size_t most);

/// From here on a count is worth a warning.
inline constexpr double kShareToWarn = 0.05;
inline bool is_much(std::uint64_t count, std::uint64_t whole) noexcept {
  return count > 0 && static_cast<double>(count) >= kShareToWarn * static_cast<double>(whole);
}

}  // namespace nnrec
