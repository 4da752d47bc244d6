#include "nnrec/import/rating_layout.hpp"

#include <fmt/format.h>

namespace nnrec::importing {

std::string separator_name(std::string_view separator) {
  if (separator == "\t") return "tab";
  if (separator == " ") return "blank";
  return fmt::format("'{}'", separator);
}

std::string RatingLayout::description() const {
  auto text =
      fmt::format("{}, {}, {} columns, user={} item={} rating={}", separator_name(separator),
                  header ? "header" : "no header", fields, user + 1, item + 1, rating + 1);
  if (time) text += fmt::format(" time={}", *time + 1);
  if (decimal != '.') text += fmt::format(", decimal '{}'", decimal);
  if (quoting == Quoting::one_line) text += ", quoted";
  if (quoting == Quoting::backslash) text += ", quotes escaped by backslashes";
  return text;
}

}  // namespace nnrec::importing
