#include "nnrec/import/rating_layout.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nnrec/base/error.hpp"

namespace nnrec::importing {

void require_unsaid(const LayoutOptions& options, std::initializer_list<std::string_view> unread,
                    std::string_view format) {
  const LayoutOptions unsaid;
  const std::array<std::pair<std::string_view, bool>, 5> all{
      {{"separator", options.separator != unsaid.separator},
       {"columns", options.columns != unsaid.columns},
       {"decimal", options.decimal != unsaid.decimal},
       {"header", options.header != unsaid.header},
       {"time-format", options.time_format != unsaid.time_format}}};
  std::vector<std::string> names;
  for (const auto& [name, is_said] : all) {
    if (is_said && std::ranges::find(unread, name) != unread.end())
      names.push_back(fmt::format("--{}", name));
  }
  if (names.empty()) return;
  throw UsageError("{}: {} has its own layout, which this does not change. Leave {} out.",
                   fmt::join(names, ", "), format, names.size() == 1 ? "it" : "them");
}

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
