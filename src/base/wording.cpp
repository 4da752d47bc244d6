#include "nnrec/base/wording.hpp"

#include <algorithm>
#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace nnrec {

std::string grouped(std::uint64_t value) {
  const auto digits = std::to_string(value);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

std::string date(std::int64_t seconds) {
  // Beyond these years calendars say little, and the library's formatting ends.
  constexpr std::int64_t kLimit = 253'402'300'799;  // the end of the year 9999
  if (seconds < -kLimit / 10 || seconds > kLimit) return std::to_string(seconds);
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string byte_text(double bytes) {
  constexpr std::array kUnits{"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return unit == 0 ? fmt::format("{:.0f} bytes", bytes)
                   : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string counted(std::uint64_t count, std::uint64_t whole, const char* noun) {
  const auto percent =
      whole == 0 ? 0.0 : 100 * static_cast<double>(count) / static_cast<double>(whole);
  // A few of many are not none, and all but a few are not all.
  const bool rounds_off = (percent < 0.05 && count > 0) || (percent >= 99.95 && count < whole);
  return fmt::format("{} of {} {} ({:.{}f} %)", grouped(count), grouped(whole), noun, percent,
                     percent == 100 ? 0
                     : rounds_off   ? 3
                                    : 1);
}

std::string listed(std::span<const std::string> texts, std::size_t most) {
  const auto count = std::min(texts.size(), most);
  auto text = fmt::format("{}", fmt::join(texts.first(count), ", "));
  if (texts.size() > count) text += fmt::format(" and {} more", texts.size() - count);
  return text;
}

}  // namespace nnrec
