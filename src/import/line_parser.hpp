#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/rating_rules.hpp"

#include "fields.hpp"

namespace nnrec::import {

inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();
/// Times from here on are milliseconds: as seconds this is the year 5138, as milliseconds 1973.
inline constexpr std::int64_t kFirstMillisecond = 100'000'000'000;
/// Milliseconds end where seconds would have ended a thousand times later.
inline constexpr std::int64_t kLastTime = kFirstMillisecond * 1000;

/// One line's rating. The ids are valid until the next line is parsed.
struct LineRating {
  std::string_view user;
  std::string_view item;
  float rating = 0;
  std::int64_t time = kNoTime;  ///< as it is written: seconds or milliseconds
  bool from_latin1 = false;     ///< an id was not UTF-8
};

/// Why a line gives no rating.
struct LineFault {
  std::size_t column = 0;  ///< field number from 0
  std::string text;        ///< "rating = "x" is not ..."
  bool off_scale = false;  ///< the line is well formed, its value is not allowed
};

/// Turns lines into ratings: every field parses as a whole, or the fault says what is wrong.
class LineParser {
 public:
  LineParser(const RatingLayout& layout, const RatingRules& rules);

  /// Returns false when there is no rating; then `fault` says why.
  bool parse(std::string_view line, LineRating& rating, LineFault& fault);

 private:
  bool parse_id(std::size_t column, std::string& text, std::string_view& id, LineRating& rating,
                LineFault& fault);
  bool parse_integer_id(std::string& text, std::string_view& id) const;
  bool parse_rating(float& value, LineFault& fault) const;
  bool parse_time(std::int64_t& time, LineFault& fault) const;
  bool check_scale(float& value, LineFault& fault) const;
  bool fields_fit(std::string_view line, LineFault& fault) const;
  bool fail(LineFault& fault, std::size_t column, std::string_view rule) const;
  const char* name_of(std::size_t column) const;

  RatingLayout layout_;
  RatingRules rules_;
  Fields fields_;
  std::size_t needed_;  ///< fields from the first to the last that matters
  std::string user_;    ///< ids that are not as in the line
  std::string item_;
};

/// A decimal number as a float, correctly rounded, whatever the locale: digits with an optional
/// fraction and exponent. Returns false when a byte is left over, or it is not finite.
bool parse_decimal(std::string_view text, float& value) noexcept;

}  // namespace nnrec::import
