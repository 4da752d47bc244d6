#include "nnrec/import/rating_table.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nnrec::import {

void RowPlaces::add(const Run& run) {
  if (!runs_.empty()) {
    const auto& last = runs_.back();
    if (last.file == run.file && last.line + (run.row - last.row) == run.line) return;
  }
  runs_.push_back(run);
}

std::string RowPlaces::place(std::uint64_t row) const {
  const auto after =
      std::upper_bound(runs_.begin(), runs_.end(), row,
                       [](std::uint64_t value, const Run& run) { return value < run.row; });
  if (after == runs_.begin()) return fmt::format("rating {}", row + 1);
  const auto& run = *(after - 1);
  return fmt::format("{}:{}", labels_.at(run.file), run.line + (row - run.row));
}

}  // namespace nnrec::import
