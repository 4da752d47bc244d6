#pragma once

#include <cstddef>

namespace nnrec {

/// A half-open range.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const noexcept { return end - begin; }
};

/// The part of [0, count) that belongs to `rank` of `ranks`: consecutive, sizes differ by at most
/// one.
constexpr Range share_of(std::size_t count, int rank, int ranks) {
  const auto r = static_cast<std::size_t>(rank);
  const auto n = static_cast<std::size_t>(ranks);
  return {count * r / n, count * (r + 1) / n};
}

}  // namespace nnrec
