#include "line_parser.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "nnrec/base/numbers.hpp"

namespace nnrec::import {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

/// Powers of ten that a float holds exactly.
constexpr std::array kPowersOfTen{1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F,
                                  1e6F, 1e7F, 1e8F, 1e9F, 1e10F};
constexpr std::uint32_t kExactIntegers = 1U << 24;

/// "1365029107.0", as tables with missing values write whole numbers.
std::string_view without_zero_fraction(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return text;
  return text.find_first_not_of('0', point + 1) == std::string_view::npos ? text.substr(0, point)
                                                                          : text;
}

}  // namespace

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

LineParser::LineParser(const RatingLayout& layout, const RatingRules& rules)
    : layout_(layout),
      rules_(rules),
      fields_(layout.separator, layout.quotes ? Fields::Quotes::rfc4180 : Fields::Quotes::none),
      needed_(std::max({layout.user, layout.item, layout.rating, layout.time.value_or(0)}) + 1) {}

const char* LineParser::name_of(std::size_t column) const {
  return column == layout_.user     ? "user"
         : column == layout_.item   ? "item"
         : column == layout_.rating ? "rating"
         : column == layout_.time   ? "time"
                                    : "field";
}

bool LineParser::fail(LineFault& fault, std::size_t column, std::string_view rule) const {
  const auto value = column < fields_.size() ? fields_[column] : std::string_view();
  fault = {column, fmt::format("{} = {} {}", name_of(column), escaped(value), rule), false};
  return false;
}

bool LineParser::parse(std::string_view line, LineRating& rating, LineFault& fault) {
  rating.from_latin1 = false;
  if (!fields_.cut(line)) {
    fault = {fields_.size(), fmt::format("{} has a quote that is not closed", escaped(line)),
             false};
    return false;
  }
  if (fields_.size() < needed_) return fields_fit(line, fault);
  return parse_id(layout_.user, user_, rating.user, rating, fault) &&
         parse_id(layout_.item, item_, rating.item, rating, fault) &&
         parse_rating(rating.rating, fault) && fields_fit(line, fault) &&
         parse_time(rating.time, fault) && check_scale(rating.rating, fault);
}

/// Empty fields at the end are no fault.
bool LineParser::fields_fit(std::string_view line, LineFault& fault) const {
  auto used = fields_.size();
  if (used == layout_.fields) return true;
  while (used > layout_.fields && fields_[used - 1].empty()) --used;
  if (used == layout_.fields) return true;
  const bool foreign_blank = line.find(kNoBreakSpace) != std::string_view::npos;
  fault = {std::min(used, layout_.fields) - 1,
           fmt::format("{} has {} fields separated by {}, not {}{}", escaped(line), used,
                       separator_name(layout_.separator), layout_.fields,
                       foreign_blank ? " (\\xC2\\xA0 is a no-break space)" : ""),
           false};
  return false;
}

bool LineParser::parse_id(std::size_t column, std::string& text, std::string_view& id,
                          LineRating& rating, LineFault& fault) {
  id = fields_[column];
  if (id.empty()) return fail(fault, column, "is empty");
  bool ascii = true;
  for (const char c : id) {
    if (static_cast<unsigned char>(c) < ' ') return fail(fault, column, "has a control character");
    ascii = ascii && static_cast<signed char>(c) >= 0;
  }
  if (rules_.integer_ids && !parse_integer_id(text, id)) {
    return fail(fault, column, "is not a 64-bit integer (--integer-ids)");
  }
  if (ascii || (rules_.encoding != Encoding::latin1 && is_utf8(id))) return true;
  if (rules_.encoding == Encoding::utf8) return fail(fault, column, "is not UTF-8 (--encoding)");
  rating.from_latin1 = rating.from_latin1 || rules_.encoding == Encoding::automatic;
  text = latin1_to_utf8(id);
  id = text;
  return true;
}

bool LineParser::parse_integer_id(std::string& text, std::string_view& id) const {
  if (const auto value = parse_number<std::uint64_t>(id)) {
    if (id.size() == 1 || id[0] != '0') return true;
    text = std::to_string(*value);
  } else if (const auto negative = parse_number<std::int64_t>(id)) {
    text = std::to_string(*negative);
  } else {
    return false;
  }
  id = text;
  return true;
}

bool LineParser::parse_rating(float& value, LineFault& fault) const {
  const auto column = layout_.rating;
  const auto text = fields_[column];
  if (layout_.decimal == '.') {
    if (parse_decimal(text, value)) return true;
    return fail(fault, column,
                text.find(',') == std::string_view::npos
                    ? "is not a finite decimal number"
                    : "is not a decimal number with a point (is it --decimal ','?)");
  }
  std::string pointed(text);
  if (pointed.find('.') != std::string::npos) return fail(fault, column, "has a decimal point");
  std::replace(pointed.begin(), pointed.end(), layout_.decimal, '.');
  return parse_decimal(pointed, value) || fail(fault, column, "is not a finite decimal number");
}

bool LineParser::parse_time(std::int64_t& time, LineFault& fault) const {
  time = kNoTime;
  if (!layout_.time) return true;
  const auto text = fields_[*layout_.time];
  if (text.empty()) return true;
  const auto value = parse_number<std::int64_t>(without_zero_fraction(text));
  if (!value) return fail(fault, *layout_.time, "is not a whole number of seconds");
  if (*value >= kLastTime || *value <= -kLastTime) {
    return fail(fault, *layout_.time, "is neither seconds nor milliseconds since 1970");
  }
  time = *value;
  return true;
}

bool LineParser::check_scale(float& value, LineFault& fault) const {
  if (!rules_.scale) return true;
  if (value >= rules_.scale->low && value <= rules_.scale->high) return true;
  fault = {layout_.rating,
           fmt::format("rating = {} is outside {}..{} (--scale)", value, rules_.scale->low,
                       rules_.scale->high),
           true};
  return false;
}

}  // namespace nnrec::import
