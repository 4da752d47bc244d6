#include "line_parser.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nnrec::importing {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

}  // namespace

LineParser::LineParser(const RatingLayout& layout, const RatingRules& rules)
    : layout_(layout),
      fields_(layout.separator, layout.quoting),
      values_(rules, {layout.decimal, layout.time_format}),
      needed_(std::max({layout.user, layout.item, layout.rating, layout.time.value_or(0)}) + 1) {}

bool LineParser::parse(std::string_view record, LineRating& rating, LineFault& fault) {
  rating.seen = {};
  if (!fields_.cut(record)) {
    fault = {fields_.size(), fmt::format("{} has text behind a quote", escaped(record))};
    return false;
  }
  if (fields_.size() < needed_) return fields_fit(record, fault);
  const FieldPlace rating_place{layout_.rating, "rating"};
  return values_.user({layout_.user, "user"}, fields_[layout_.user], rating, fault) &&
         values_.item({layout_.item, "item"}, fields_[layout_.item], rating, fault) &&
         values_.rating(rating_place, fields_[layout_.rating], rating, fault) &&
         fields_fit(record, fault) &&
         values_.time({layout_.time.value_or(0), "time"},
                      layout_.time ? fields_[*layout_.time] : std::string_view(), rating, fault) &&
         values_.on_scale(rating_place, rating, fault);
}

/// Empty fields at the end are no fault.
bool LineParser::fields_fit(std::string_view record, LineFault& fault) const {
  auto used = fields_.size();
  if (used == layout_.fields) return true;
  while (used > layout_.fields && fields_[used - 1].empty()) --used;
  if (used == layout_.fields) return true;
  const bool foreign_blank = record.find(kNoBreakSpace) != std::string_view::npos;
  fault = {std::min(used, layout_.fields) - 1,
           fmt::format("{} has {} fields separated by {}, not {}{}", escaped(record), used,
                       separator_name(layout_.separator), layout_.fields,
                       foreign_blank ? " (\\xC2\\xA0 is a no-break space)" : "")};
  return false;
}

}  // namespace nnrec::importing
