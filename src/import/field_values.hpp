#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nnrec/import/rating_rules.hpp"
#include "nnrec/import/times.hpp"

#include "line_rating.hpp"

namespace nnrec::importing {

/// A field's place and what it is called in messages.
struct FieldPlace {
  std::size_t column = 0;  ///< from 0
  const char* name = "field";
};

/// How a file writes its values.
struct ValueForms {
  char decimal = '.';
  std::string time_format;  ///< of TimePattern; empty: seconds, milliseconds, or ISO 8601
};

/// Turns the texts of fields into a rating's values: every text parses as a whole, or the fault
/// says what is wrong. It keeps what ids are rewritten to, until the next record.
class FieldValues {
 public:
  FieldValues(const RatingRules& rules, const ValueForms& forms);

  bool user(FieldPlace place, std::string_view text, LineRating& rating, LineFault& fault) {
    return id(place, text, user_, rating.user, rating, fault);
  }
  bool item(FieldPlace place, std::string_view text, LineRating& rating, LineFault& fault) {
    return id(place, text, item_, rating.item, rating, fault);
  }
  /// Returns false, too, where the value stands for no rating.
  bool rating(FieldPlace place, std::string_view text, LineRating& rating, LineFault& fault) const;
  /// An empty text is no time.
  bool time(FieldPlace place, std::string_view text, LineRating& rating, LineFault& fault) const;
  /// The last check: with it a rating is whole, and clipping may still save it.
  bool on_scale(FieldPlace place, const LineRating& rating, LineFault& fault) const;

 private:
  bool id(FieldPlace place, std::string_view text, std::string& rewritten, std::string_view& id,
          LineRating& rating, LineFault& fault) const;
  bool other_id(FieldPlace place, std::string_view text, std::string& rewritten,
                std::string_view& id, LineRating& rating, LineFault& fault) const;
  static bool integer_id(std::string& rewritten, std::string_view& id);
  bool is_rated(FieldPlace place, float value, LineFault& fault) const;

  RatingRules rules_;
  char decimal_;
  std::optional<TimePattern> time_pattern_;
  std::string user_;
  std::string item_;
};

/// A decimal number as a float, correctly rounded, whatever the locale: digits with an optional
/// fraction and exponent. Returns false when a byte is left over, or it is not finite.
bool parse_decimal(std::string_view text, float& value) noexcept;

/// What programs write where there is no value: NA, NaN, NULL, None, \N.
bool stands_for_nothing(std::string_view text) noexcept;

}  // namespace nnrec::importing
