#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::shards {

/// The columns of n ratings, one entry a rating: dense indices (from 0) into the catalogue, the
/// value, and Unix seconds (all 0 where the set has no times: see Manifest::has_time).
template <template <typename> typename Access>
struct BasicRatingColumns {
  std::span<Access<std::uint32_t>> user;
  std::span<Access<std::uint32_t>> item;
  std::span<Access<std::uint32_t>> title;
  std::span<Access<float>> rating;
  std::span<Access<std::int64_t>> timestamp;

  /// Ratings [first, first + count); columns that are empty stay so.
  BasicRatingColumns slice(std::size_t first, std::size_t count) const {
    const auto part = [&](const auto& column) {
      return column.empty() ? column : column.subspan(first, count);
    };
    return {part(user), part(item), part(title), part(rating), part(timestamp)};
  }
};
template <typename T>
using ReadWrite = T;
template <typename T>
using ReadOnly = const T;
using RatingColumns = BasicRatingColumns<ReadOnly>;
using MutableRatingColumns = BasicRatingColumns<ReadWrite>;

/// Columns of `rows` ratings with memory of their own, all zero at first.
struct OwnedRatingColumns {
  explicit OwnedRatingColumns(std::size_t rows)
      : user(rows), item(rows), title(rows), rating(rows), timestamp(rows) {}

  MutableRatingColumns all() { return {user, item, title, rating, timestamp}; }

  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<std::uint32_t> title;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;
};

}  // namespace nnrec::shards
