#include "nnrec/import/rating_rules.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/wording.hpp"

namespace nnrec::importing {

void RepairLog::add(const Share& share, const std::string& text, const std::string& place) {
  const auto& [count, whole, noun] = share;
  if (count == 0) return;
  const auto line = fmt::format("{} {}", counted(count, whole, noun), text);
  if (strict_) {
    throw InputError("{}{}--strict allows no repair: {}. Correct the source or leave --strict out.",
                     place, place.empty() ? "" : ": ", line);
  }
  lines_.push_back(fmt::format("{}{}{}{}", is_much(count, whole) ? "warning: " : "", line,
                               place.empty() ? "" : "; first at ", place));
  facts_.push_back(line);
}

void RepairLog::note(const std::string& text) {
  lines_.push_back(text);
  facts_.push_back(text);
}

}  // namespace nnrec::importing
