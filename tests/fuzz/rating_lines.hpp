#pragma once

#include <cmath>

#include "nnrec/io/text_blocks.hpp"

#include "import/line_parser.hpp"
#include "support.hpp"

namespace nnrec::fuzz {

/// Parses every line of `text` and checks what is promised of a rating.
inline void parse_lines(std::string_view text, const importing::RatingLayout& layout,
                        const importing::RatingRules& rules) {
  importing::LineParser parser(layout, rules);
  importing::LineRating rating;
  for (std::string_view line; io::take_line(text, line);) {
    importing::LineFault fault;
    if (!parser.parse(line, rating, fault)) {
      require(!fault.text.empty(), "a fault has a reason");
      continue;
    }
    require(std::isfinite(rating.rating), "ratings are finite");
    require(!rating.user.empty() && !rating.item.empty(), "ids are not empty");
    require(importing::is_utf8(rating.user) && importing::is_utf8(rating.item), "ids are UTF-8");
    if (!rules.scale) continue;
    require(rating.rating >= static_cast<float>(rules.scale->low) &&
                rating.rating <= static_cast<float>(rules.scale->high),
            "ratings are on the scale");
  }
}

}  // namespace nnrec::fuzz
