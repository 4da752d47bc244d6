#include "nnrec/import/format.hpp"

#include <utility>

#include <fmt/ranges.h>

#include "nnrec/base/error.hpp"

#include "import/delimited_reader.hpp"
#include "import/line_parser.hpp"

namespace nnrec::importing {
namespace {

/// An order of columns that the format fixes says nothing of what they hold.
bool are_mostly_ratings(std::string_view head, const RatingLayout& layout) {
  LineParser parser(layout, {});
  const Records records(layout.separator, layout.quoting);
  LineRating rating;
  LineFault fault;
  std::size_t all = 0;
  std::size_t good = 0;
  bool skip = layout.header;
  while (!head.empty()) {
    const auto record = records.take(head);
    if (trimmed(record.text).empty()) continue;
    if (!std::exchange(skip, false)) {
      ++all;
      good += parser.parse(record.text, rating, fault) ? 1 : 0;
    }
  }
  return good * 2 >= all;
}

}  // namespace

RatingFile Format::read(const FileView& file, const LayoutOptions& options) const {
  auto layout = find_layout(file.head(), with_own_layout(options), file.label());
  if (const auto values = not_rated(); !values.empty()) {
    layout.evidence.push_back(
        fmt::format("{} {} for no rating here: --missing none keeps {}", fmt::join(values, ", "),
                    values.size() == 1 ? "stands" : "stand", values.size() == 1 ? "it" : "them"));
  }
  return {file.name(), file.label(), [file] { return file.open(); }, read_delimited(layout)};
}

std::optional<RatingLayout> Format::own_layout(const FileView& file,
                                               const LayoutOptions& options) const {
  try {
    auto layout = find_layout(file.head(), with_own_layout(options), file.label());
    if (!are_mostly_ratings(file.head().text, layout)) return std::nullopt;
    return layout;
  } catch (const InputError&) {
    return std::nullopt;  // Why is said by the format that takes the file in the end.
  }
}

}  // namespace nnrec::importing
