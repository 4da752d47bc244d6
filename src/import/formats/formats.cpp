#include "formats.hpp"

#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

namespace nnrec::importing {

std::span<const Format* const> formats() {
  static const std::array kFormats{
      &ml_100k(),       &ml_1m(),   &ml_10m(),        &ml_csv(),    &movietweetings(),
      &netflix(),       &recbole(), &book_crossing(), &goodbooks(), &anime(),
      &matrix_market(), &matrix(),  &hdf5(),          &json(),      &delimited(),
  };
  return kFormats;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto* format : formats()) names.emplace_back(format->name());
  return names;
}

const Format& find_format(std::string_view name) {
  const auto all = formats();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto* format) { return format->name() == name; });
  if (found != all.end()) return **found;
  throw UsageError("--format {}", not_one_of(name, format_names()));
}

}  // namespace nnrec::importing
