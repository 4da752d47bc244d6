#include "nnrec/import/row_places.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nnrec::importing {

void RowPlaces::add(std::uint32_t file, const LineRun& run) {
  if (!runs_.empty()) {
    const auto& [last_file, last] = runs_.back();
    const bool goes_on = last.line_of(run.row) == run.line && last.one_line == run.one_line;
    if (last_file == file && goes_on) return;
  }
  runs_.push_back({file, run});
}

std::string RowPlaces::place(std::uint64_t row) const {
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), row,
                       [](std::uint64_t value, const FileRun& at) { return value < at.run.row; });
  if (after == runs_.begin()) return fmt::format("rating {}", row + 1);
  const auto& [file, run] = *(after - 1);
  return fmt::format("{}:{}", labels_.at(file), run.line_of(row));
}

}  // namespace nnrec::importing
