#include "field_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/import/text.hpp"

namespace nnrec::importing {
namespace {

/// Powers of ten that a float holds exactly.
constexpr std::array kPowersOfTen{1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F,
                                  1e6F, 1e7F, 1e8F, 1e9F, 1e10F};
constexpr std::uint32_t kExactIntegers = 1U << 24;

/// Takes a whole number off `text`: its digits, how many there are.
std::size_t take_digits(std::string_view& text) noexcept {
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count;
}

/// What spreadsheets make of long numbers: 9.78044E+12, where they write a decimal comma
/// 9,78044E+12; and 9.78044e12. But not 12e3, which may be a code.
bool is_rounded_number(std::string_view text) noexcept {
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  take_digits(text);
  const bool parted = text.starts_with('.') || text.starts_with(',');
  if (parted) text.remove_prefix(1);
  if (parted && take_digits(text) == 0) return false;
  if (!text.starts_with('E') && !text.starts_with('e')) return false;
  text.remove_prefix(1);
  const bool plus = text.starts_with('+');
  if (plus) text.remove_prefix(1);
  return (parted || plus) && take_digits(text) > 0 && text.empty();
}

bool is_quoted(std::string_view text) noexcept {
  return text.size() > 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
}

/// The one that a file begins with is gone by now.

/// Whether `text`, in UTF-8, has a character that is not seen: one of no width, or a blank of
/// another kind at an end, which nobody has typed.
bool has_unseen(std::string_view text) noexcept {
  using namespace std::string_view_literals;
  constexpr std::array kWidthless{"\xE2\x80\x8B"sv, "\xE2\x80\x8C"sv, "\xE2\x80\x8D"sv,
                                  "\xE2\x80\x8E"sv, "\xE2\x80\x8F"sv, "\xE2\x81\xA0"sv,
                                  "\xC2\xAD"sv};
  constexpr std::array kBlanks{"\xC2\xA0"sv, "\xE3\x80\x80"sv, "\xE2\x80\xAF"sv, "\xE2\x80\x89"sv};
  const auto within = [&](std::string_view unseen) {
    return text.find(unseen) != std::string_view::npos;
  };
  const auto at_an_end = [&](std::string_view blank) {
    return text.starts_with(blank) || text.ends_with(blank);
  };
  return std::any_of(kWidthless.begin(), kWidthless.end(), within) ||
         std::any_of(kBlanks.begin(), kBlanks.end(), at_an_end);
}

/// Unix seconds of a number of seconds or milliseconds, rounded down; false where it is neither.
bool seconds_of(std::int64_t number, LineRating& rating) noexcept {
  if (number >= kLastTime || number <= -kLastTime) return false;
  const bool milliseconds = number >= kFirstMillisecond || number <= -kFirstMillisecond;
  rating.seen.add(milliseconds  ? Seen::milliseconds
                  : number == 0 ? Seen::time_zero
                                : Seen::seconds);
  rating.time = milliseconds ? number / 1000 - (number % 1000 < 0 ? 1 : 0) : number;
  return true;
}

/// "1365029107.0", "1.365029107E9", as tables with missing values write whole numbers.
bool seconds_of_real(std::string_view text, LineRating& rating) noexcept {
  const auto number = parse_number<double>(text);
  if (!number || !(std::abs(*number) < static_cast<double>(kLastTime))) return false;
  const auto whole = std::floor(*number);
  if (whole != *number) rating.seen.add(Seen::part_second);
  return seconds_of(static_cast<std::int64_t>(whole), rating);
}

bool fail(LineFault& fault, FieldPlace place, std::string_view text, std::string_view rule) {
  fault = {place.column, fmt::format("{} = {} {}", place.name, escaped(text), rule)};
  return false;
}

}  // namespace

bool stands_for_nothing(std::string_view text) noexcept {
  using namespace std::string_view_literals;
  constexpr std::array kWords{"NA"sv,   "N/A"sv,  "<NA>"sv, "NaN"sv,  "nan"sv, "NULL"sv,
                              "null"sv, "Null"sv, "None"sv, "none"sv, "\\N"sv};
  constexpr std::size_t kLongest = 4;
  return text.size() <= kLongest && std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

bool parse_decimal(std::string_view text, float& value) noexcept {
  // Of an integer and a power of ten that are exact, the quotient is correctly rounded.
  std::uint32_t digits = 0;
  std::size_t decimals = 0;
  bool point = false;
  bool plain = !text.empty();
  const bool negative = text.starts_with('-');
  for (const char c : text.substr(negative ? 1 : 0)) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
    if (digit <= 9 && digits < kExactIntegers / 10) {
      digits = digits * 10 + digit;
      decimals += point ? 1 : 0;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      plain = false;
      break;
    }
  }
  const auto others = std::size_t{point} + std::size_t{negative};
  if (plain && decimals < kPowersOfTen.size() && text.size() > others && text.back() != '.') {
    value = static_cast<float>(digits) / kPowersOfTen[decimals];
    if (negative) value = -value;
    return true;
  }
  if (const auto parsed = parse_number<float>(text)) {
    value = *parsed;
    return std::isfinite(value);
  }
  // Too small for a float is not too large: 2.2e-308 is 0.
  const auto wide = parse_number<double>(text);
  if (!wide || !(std::abs(*wide) < 1)) return false;
  value = static_cast<float>(*wide);
  return true;
}

FieldValues::FieldValues(const RatingRules& rules, const ValueForms& forms)
    : rules_(rules), decimal_(forms.decimal) {
  if (!forms.time_format.empty()) time_pattern_.emplace(forms.time_format);
}

bool FieldValues::id(FieldPlace place, std::string_view text, std::string& rewritten,
                     std::string_view& id, LineRating& rating, LineFault& fault) const {
  id = text;
  if (id.empty()) return fail(fault, place, text, "is empty");
  bool ascii = true;
  for (const char c : id) {
    if (static_cast<unsigned char>(c) < ' ') {
      return fail(fault, place, text, "has a control character");
    }
    ascii = ascii && static_cast<signed char>(c) >= 0;
  }
  if (is_rounded_number(id)) rating.seen.add(Seen::rounded_id);
  if (stands_for_nothing(id)) rating.seen.add(Seen::absent_id);
  if (is_quoted(id)) rating.seen.add(Seen::quoted_id);
  if (rules_.integer_ids && !integer_id(rewritten, id)) {
    return fail(fault, place, text, "is not a 64-bit integer (--integer-ids)");
  }
  return ascii || other_id(place, text, rewritten, id, rating, fault);
}

/// An id that is not ASCII.
bool FieldValues::other_id(FieldPlace place, std::string_view text, std::string& rewritten,
                           std::string_view& id, LineRating& rating, LineFault& fault) const {
  if (id.find(kByteOrderMark) != std::string_view::npos) {
    return fail(fault, place, text,
                "has a byte order mark, as where files were joined that begin with one");
  }
  if (rules_.encoding == Encoding::latin1 || !is_utf8(id)) {
    if (rules_.encoding == Encoding::utf8) {
      return fail(fault, place, text, "is not UTF-8 (--encoding)");
    }
    if (rules_.encoding == Encoding::automatic) rating.seen.add(Seen::latin1);
    rewritten = latin1_to_utf8(id);
    id = rewritten;
  }
  if (has_unseen(id)) rating.seen.add(Seen::unseen_id);
  return true;
}

bool FieldValues::integer_id(std::string& rewritten, std::string_view& id) {
  if (const auto value = parse_number<std::uint64_t>(id)) {
    if (id.size() == 1 || id[0] != '0') return true;
    rewritten = std::to_string(*value);
  } else if (const auto negative = parse_number<std::int64_t>(id)) {
    rewritten = std::to_string(*negative);
  } else {
    return false;
  }
  id = rewritten;
  return true;
}

bool FieldValues::rating(FieldPlace place, std::string_view text, LineRating& rating,
                         LineFault& fault) const {
  auto& value = rating.rating;
  if (decimal_ == '.') {
    if (parse_decimal(text, value)) return is_rated(place, value, fault);
    return fail(fault, place, text,
                text.find(',') == std::string_view::npos
                    ? "is not a finite decimal number"
                    : "is not a decimal number with a point (is it --decimal ','?)");
  }
  std::string pointed(text);
  if (pointed.find('.') != std::string::npos) {
    return fail(fault, place, text, "has a decimal point");
  }
  std::replace(pointed.begin(), pointed.end(), decimal_, '.');
  if (parse_decimal(pointed, value)) return is_rated(place, value, fault);
  return fail(fault, place, text, "is not a finite decimal number");
}

bool FieldValues::is_rated(FieldPlace place, float value, LineFault& fault) const {
  const auto& not_rated = rules_.not_rated;
  if (std::find(not_rated.begin(), not_rated.end(), value) == not_rated.end()) return true;
  fault = {place.column, {}, LineFault::Kind::not_rated};
  return false;
}

bool FieldValues::time(FieldPlace place, std::string_view text, LineRating& rating,
                       LineFault& fault) const {
  rating.time = kNoTime;
  if (text.empty()) {
    rating.seen.add(Seen::no_time);
    return true;
  }
  if (time_pattern_) {
    const auto seconds = time_pattern_->parse(text);
    if (!seconds) return fail(fault, place, text, "is not of --time-format");
    rating.seen.add(Seen::patterned);
    rating.time = *seconds;
  } else if (const auto number = parse_number<std::int64_t>(text)) {
    if (!seconds_of(*number, rating)) {
      return fail(fault, place, text, "is neither seconds nor milliseconds since 1970");
    }
  } else if (const auto seconds = parse_iso_time(text)) {
    rating.seen.add(Seen::dates);
    rating.time = *seconds;
  } else if (!seconds_of_real(text, rating)) {
    return fail(fault, place, text,
                "is neither seconds since 1970 nor a date like 2005-09-06 23:53:47 (--time-format "
                "says how others are written)");
  }
  if (rating.time < 0) rating.seen.add(Seen::before_1970);
  return true;
}

bool FieldValues::on_scale(FieldPlace place, const LineRating& rating, LineFault& fault) const {
  if (!rules_.scale) return true;
  if (rating.rating >= rules_.scale->low && rating.rating <= rules_.scale->high) return true;
  fault = {place.column,
           fmt::format("{} = {} is outside {}..{} (--scale)", place.name, rating.rating,
                       rules_.scale->low, rules_.scale->high),
           LineFault::Kind::off_scale};
  return false;
}

}  // namespace nnrec::importing
