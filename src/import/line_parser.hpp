#pragma once

#include <string_view>

#include "nnrec/import/rating_layout.hpp"

#include "field_values.hpp"
#include "fields.hpp"

namespace nnrec::importing {

/// Turns the records of a delimited text into ratings.
class LineParser {
 public:
  LineParser(const RatingLayout& layout, const RatingRules& rules);

  /// Returns false when there is no rating; then `fault` says why.
  bool parse(std::string_view record, LineRating& rating, LineFault& fault);

 private:
  bool fields_fit(std::string_view record, LineFault& fault) const;

  RatingLayout layout_;
  Fields fields_;
  FieldValues values_;
  std::size_t needed_;  ///< fields from the first to the last that matters
};

}  // namespace nnrec::importing
