#include "nnrec/import/rating_rules.hpp"

#include "nnrec/base/error.hpp"

namespace nnrec::import {

void RepairLog::add(std::uint64_t count, const std::string& text, const std::string& place) {
  if (count == 0) return;
  if (strict_) {
    throw InputError("{}: --strict allows no repair: {}. Correct the source or leave --strict out.",
                     place, text);
  }
  lines_.push_back(place.empty() ? text : text + "; first at " + place);
  facts_.push_back(text);
}

void RepairLog::note(const std::string& text) {
  lines_.push_back(text);
  facts_.push_back(text);
}

}  // namespace nnrec::import
