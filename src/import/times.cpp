#include "nnrec/import/times.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/import/text.hpp"

namespace nnrec::importing {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::string_view kLetters = "YmdHMSybBejIpfzFTs%";

/// The parts of a time as they are read.
struct Parts {
  int year = 1970;
  int month = 1;
  int day = 1;
  int day_of_year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int zone_minutes = 0;
  int half = -1;  ///< 0: AM, 1: PM
  std::optional<std::int64_t> seconds;

  std::optional<std::int64_t> unix() const noexcept;
};

std::optional<std::int64_t> Parts::unix() const noexcept {
  if (seconds) return seconds;
  using namespace std::chrono;
  auto hours_of_day = hour;
  if (half >= 0) {
    if (hour < 1 || hour > 12) return std::nullopt;
    hours_of_day = hour % 12 + 12 * half;
  }
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(day_of_year > 0 ? 1 : month)),
                            std::chrono::day(static_cast<unsigned>(day_of_year > 0 ? 1 : day))};
  if (!date.ok() || hours_of_day > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch().count() + std::max(day_of_year - 1, 0);
  return std::int64_t{days} * 86400 + hours_of_day * 3600 + (minute - zone_minutes) * 60 + second;
}

/// Takes digits off `text`: at least `least`, at most `most`.
bool take_digits(std::string_view& text, std::size_t least, std::size_t most, int& value) noexcept {
  std::size_t count = 0;
  int number = 0;
  while (count < most && count < text.size() && text[count] >= '0' && text[count] <= '9') {
    number = number * 10 + (text[count++] - '0');
  }
  if (count < least) return false;
  text.remove_prefix(count);
  value = number;
  return true;
}

bool take(std::string_view& text, char c) noexcept {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

void take_fraction(std::string_view& text) noexcept {
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') text.remove_prefix(1);
}

/// "Z", "UTC", "+02:00", "+0200", "+02".
bool take_zone(std::string_view& text, int& minutes) noexcept {
  for (const std::string_view utc : {"Z", "z", "UTC", "GMT"}) {
    if (!text.starts_with(utc)) continue;
    text.remove_prefix(utc.size());
    return true;
  }
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  int hours = 0;
  int rest = 0;
  if (!take_digits(text, 2, 2, hours)) return false;
  if (take(text, ':')) {
    if (!take_digits(text, 2, 2, rest)) return false;
  } else if (!text.empty() && !take_digits(text, 2, 2, rest)) {
    return false;
  }
  if (hours > 15 || rest > 59) return false;
  minutes = (west ? -1 : 1) * (hours * 60 + rest);
  return true;
}

bool take_month(std::string_view& text, int& month) noexcept {
  const auto lower = [&](std::size_t at) { return static_cast<char>(text[at] | 0x20); };
  for (std::size_t index = 0; index < kMonths.size(); ++index) {
    const auto name = kMonths[index];
    std::size_t same = 0;
    while (same < name.size() && same < text.size() && lower(same) == name[same]) ++same;
    if (same < 3) continue;
    text.remove_prefix(same == name.size() ? same : 3);
    month = static_cast<int>(index) + 1;
    return true;
  }
  return false;
}

bool take_half(std::string_view& text, Parts& parts) noexcept {
  if (text.size() < 2 || (text[1] | 0x20) != 'm') return false;
  const auto letter = text[0] | 0x20;
  if (letter != 'a' && letter != 'p') return false;
  parts.half = letter == 'p' ? 1 : 0;
  text.remove_prefix(2);
  return true;
}

bool take_seconds(std::string_view& text, Parts& parts) noexcept {
  const auto end =
      std::min(text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0), text.size());
  parts.seconds = parse_number<std::int64_t>(text.substr(0, end));
  text.remove_prefix(end);
  return parts.seconds.has_value();
}

bool take_time_of_day(std::string_view& text, Parts& parts) noexcept {
  return take_digits(text, 1, 2, parts.hour) && take(text, ':') &&
         take_digits(text, 2, 2, parts.minute) && take(text, ':') &&
         take_digits(text, 2, 2, parts.second);
}

/// What one letter of a pattern stands for.
bool take_letter(char letter, std::string_view& text, Parts& parts) noexcept {
  switch (letter) {
    case 'Y':
      return take_digits(text, 4, 4, parts.year);
    case 'm':
      return take_digits(text, 1, 2, parts.month);
    case 'd':
    case 'e':
      while (take(text, ' ')) continue;
      return take_digits(text, 1, 2, parts.day);
    case 'j':
      return take_digits(text, 3, 3, parts.day_of_year) && parts.day_of_year >= 1 &&
             parts.day_of_year <= 366;
    case 'H':
    case 'I':
      return take_digits(text, 1, 2, parts.hour);
    case 'M':
      return take_digits(text, 2, 2, parts.minute);
    case 'S':
      return take_digits(text, 2, 2, parts.second);
    case 'y':
      if (!take_digits(text, 2, 2, parts.year)) return false;
      parts.year += parts.year < 69 ? 2000 : 1900;
      return true;
    case 'b':
    case 'B':
      return take_month(text, parts.month);
    case 'p':
      return take_half(text, parts);
    case 'f':
      take_fraction(text);
      return true;
    case 'z':
      return take_zone(text, parts.zone_minutes);
    case 'F':
      return take_digits(text, 4, 4, parts.year) && take(text, '-') &&
             take_digits(text, 2, 2, parts.month) && take(text, '-') &&
             take_digits(text, 2, 2, parts.day);
    case 'T':
      return take_time_of_day(text, parts);
    case 's':
      return take_seconds(text, parts);
    default:
      return take(text, letter);
  }
}

}  // namespace

std::optional<std::int64_t> parse_iso_time(std::string_view text) noexcept {
  Parts parts;
  if (!take_digits(text, 4, 4, parts.year)) return std::nullopt;
  const char between = text.empty() ? '\0' : text[0];
  if (between != '-' && between != '/') return std::nullopt;
  if (!take(text, between) || !take_digits(text, 2, 2, parts.month) || !take(text, between) ||
      !take_digits(text, 2, 2, parts.day)) {
    return std::nullopt;
  }
  if (text.empty()) return parts.unix();
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  if (!take_digits(text, 2, 2, parts.hour) || !take(text, ':') ||
      !take_digits(text, 2, 2, parts.minute)) {
    return std::nullopt;
  }
  if (take(text, ':') && !take_digits(text, 2, 2, parts.second)) return std::nullopt;
  if (take(text, '.') || take(text, ',')) take_fraction(text);
  while (take(text, ' ')) continue;
  if (!text.empty() && (!take_zone(text, parts.zone_minutes) || !text.empty())) return std::nullopt;
  return parts.unix();
}

std::int64_t unix_now() {
  using namespace std::chrono;
  return floor<seconds>(system_clock::now()).time_since_epoch().count();
}

bool is_likely_time(std::int64_t seconds, std::int64_t now) noexcept {
  constexpr std::int64_t kFirst = 631'152'000;  // 1990
  constexpr std::int64_t kDay = 86'400;
  return seconds >= kFirst && seconds <= now + kDay;
}

TimePattern::TimePattern(std::string pattern) : pattern_(std::move(pattern)) {
  std::string letters;
  for (auto at = pattern_.find('%'); at != std::string::npos; at = pattern_.find('%', at + 2)) {
    const char letter = at + 1 < pattern_.size() ? pattern_[at + 1] : '\0';
    if (kLetters.find(letter) == std::string_view::npos) {
      throw UsageError(
          "{}: {} is not one of the letters %Y %m %d %H %M %S %y %b %e %j "
          "%I %p %f %z %F %T %s",
          pattern_, escaped(pattern_.substr(at, 2)));
    }
    letters += letter;
  }
  const auto has = [&](std::string_view any) {
    return letters.find_first_of(any) != std::string::npos;
  };
  const bool day = has("Yy") && (has("j") || (has("mbB") && has("de")));
  if (!day && !has("Fs")) {
    throw UsageError("{}: names no day; for example %Y-%m-%d %H:%M:%S, or %s", pattern_);
  }
}

std::optional<std::int64_t> TimePattern::parse(std::string_view text) const noexcept {
  Parts parts;
  std::string_view pattern = pattern_;
  while (!pattern.empty()) {
    if (pattern[0] == ' ') {
      pattern.remove_prefix(1);
      if (!take(text, ' ')) return std::nullopt;
      while (take(text, ' ')) continue;
    } else if (pattern[0] == '%') {
      if (!take_letter(pattern[1], text, parts)) return std::nullopt;
      pattern.remove_prefix(2);
    } else {
      if (!take(text, pattern[0])) return std::nullopt;
      pattern.remove_prefix(1);
    }
  }
  return text.empty() ? parts.unix() : std::nullopt;
}

}  // namespace nnrec::importing
