#include "plain_lines.hpp"

#include <bit>
#include <cstring>
#include <limits>

namespace nnrec::importing {
namespace {

/// A line is taken only where so many bytes are left, and no field reads beyond its share of them.
constexpr std::ptrdiff_t kMostLineBytes = 128;
constexpr int kMostRatingDigits = 7;  ///< exact in a float, and so is the power of ten below them

constexpr std::array kPowersOfTen{1ULL,       10ULL,        100ULL,        1'000ULL,      10'000ULL,
                                  100'000ULL, 1'000'000ULL, 10'000'000ULL, 100'000'000ULL};

/// The digits at the front of eight bytes.
struct Digits {
  std::uint64_t value;
  unsigned count;
};

/// Without a branch: eight digits are added up in three steps, pairs, fours, all.
[[gnu::always_inline]] inline Digits leading_digits(const char* at) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  // '0' to '9' are 3x, and still when 6 is added. What that carries goes to later bytes.
  const auto others = ((word & kHigh) ^ kZeros) | (((word + 0x0606060606060606) & kHigh) ^ kZeros);
  const auto count = static_cast<unsigned>(std::countr_zero(others)) / 8;
  if (count == 0) return {0, 0};
  auto value = (word & 0x0F0F0F0F0F0F0F0F) << (64 - 8 * count);
  value = (value * 10 + (value >> 8)) & 0x00FF00FF00FF00FF;
  value = (value * 100 + (value >> 16)) & 0x0000FFFF0000FFFF;
  value = (value * 10'000 + (value >> 32)) & 0x00000000FFFFFFFF;
  return {value, count};
}

/// One to fifteen digits.
[[gnu::always_inline]] inline bool take_number(const char*& at, std::uint64_t& value) noexcept {
  const auto first = leading_digits(at);
  at += first.count;
  value = first.value;
  if (first.count < 8) return first.count > 0;
  const auto second = leading_digits(at);
  at += second.count;
  value = value * kPowersOfTen[second.count] + second.value;
  return second.count < 8;
}

[[gnu::always_inline]] inline bool take_id(const char*& at, std::uint64_t& id) noexcept {
  const char* start = at;
  return take_number(at, id) && (*start != '0' || at == start + 1);
}

/// "4", "3.5": the digits and how many of them are decimals give the value, correctly rounded.
[[gnu::always_inline]] inline bool take_rating(const char*& at, float& value) noexcept {
  std::uint32_t digits = 0;
  int count = 0;
  int whole = -1;  // the digits before the point, if there is one
  for (;; ++at) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(*at)) - '0';
    if (digit <= 9) {
      if (++count > kMostRatingDigits) return false;
      digits = digits * 10 + digit;
    } else if (*at == '.' && whole < 0) {
      whole = count;
    } else {
      break;
    }
  }
  if (count == 0 || whole == count) return false;
  const auto decimals = whole < 0 ? 0 : count - whole;
  value = static_cast<float>(digits);
  if (decimals > 0) value /= static_cast<float>(kPowersOfTen[static_cast<std::size_t>(decimals)]);
  return true;
}

}  // namespace

PlainLines::PlainLines(const RatingLayout& layout, const RatingRules& rules)
    : low_(rules.scale ? rules.scale->low : -std::numeric_limits<double>::infinity()),
      high_(rules.scale ? rules.scale->high : std::numeric_limits<double>::infinity()),
      not_rated_(rules.not_rated) {
  const auto& separator = layout.separator;
  const std::size_t needed = layout.time ? 4 : 3;
  if (layout.fields != needed || layout.decimal != '.' || !layout.time_format.empty() ||
      separator.empty() || separator.size() > separator_.size()) {
    return;
  }
  if (separator.find_first_of("0123456789.\r\n") != std::string::npos) return;
  separator_size_ = separator.copy(separator_.data(), separator_.size());
  fields_ = needed;
  roles_.at(layout.user) = Role::user;
  roles_.at(layout.item) = Role::item;
  roles_.at(layout.rating) = Role::rating;
  if (layout.time) roles_.at(*layout.time) = Role::time;
}

bool PlainLines::take_field(Role role, const char*& at, PlainRating& rating) const noexcept {
  switch (role) {
    case Role::none:
      return false;
    case Role::user:
      return take_id(at, rating.user);
    case Role::item:
      return take_id(at, rating.item);
    case Role::rating:
      return take_rating(at, rating.rating) && is_allowed(rating.rating);
    case Role::time:
      break;
  }
  std::uint64_t time = 0;
  if (!take_number(at, time)) return false;
  rating.time = static_cast<std::int64_t>(time);
  return rating.time < kLastTime;
}

bool PlainLines::take_separator(const char*& at) const noexcept {
  if (at[0] != separator_[0]) return false;
  if (separator_size_ == 2 && at[1] != separator_[1]) return false;
  at += separator_size_;
  return true;
}

bool PlainLines::is_allowed(float value) const noexcept {
  for (const auto other : not_rated_) {
    if (value == other) return false;
  }
  return value >= low_ && value <= high_;
}

bool PlainLines::take(std::string_view& text, PlainRating& rating) const noexcept {
  if (fields_ == 0 || text.size() < kMostLineBytes) return false;
  const char* at = text.data();
  rating.time = kNoTime;
  for (std::size_t field = 0; field < fields_; ++field) {
    if (field > 0 && !take_separator(at)) return false;
    if (!take_field(roles_[field], at, rating)) return false;
  }
  if (*at == '\r') ++at;
  if (*at != '\n') return false;
  text.remove_prefix(static_cast<std::size_t>(at + 1 - text.data()));
  return true;
}

}  // namespace nnrec::importing
