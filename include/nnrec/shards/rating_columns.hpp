#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::shards {

/// Whether ratings are held with their times, which few variants read.
enum class Times { none, kept };

/// Bytes of memory that a rating takes in its columns.
constexpr std::uint64_t rating_bytes(Times times) noexcept {
  return times == Times::kept ? 20 : 12;
}

/// The columns of n ratings, one entry a rating: dense indices (from 0) into the catalogue, the
/// value, and Unix seconds, which may be none (of a set without times they are 0: see
/// Manifest::has_time). A rating's title is that of its item.
template <template <typename> typename Access>
struct BasicRatingColumns {
  std::span<Access<std::uint32_t>> user;
  std::span<Access<std::uint32_t>> item;
  std::span<Access<float>> rating;
  std::span<Access<std::int64_t>> timestamp;

  /// Ratings [first, first + count); columns that are empty stay so.
  BasicRatingColumns slice(std::size_t first, std::size_t count) const {
    const auto part = [&](const auto& column) {
      return column.empty() ? column : column.subspan(first, count);
    };
    return {part(user), part(item), part(rating), part(timestamp)};
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
      : user(rows), item(rows), rating(rows), timestamp(rows) {}

  MutableRatingColumns all() { return {user, item, rating, timestamp}; }

  std::vector<std::uint32_t> user;
  std::vector<std::uint32_t> item;
  std::vector<float> rating;
  std::vector<std::int64_t> timestamp;
};

}  // namespace nnrec::shards
