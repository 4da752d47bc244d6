#pragma once

#include <cstdint>
#include <span>

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
};
template <typename T>
using ReadWrite = T;
template <typename T>
using ReadOnly = const T;
using RatingColumns = BasicRatingColumns<ReadOnly>;
using MutableRatingColumns = BasicRatingColumns<ReadWrite>;

}  // namespace nnrec::shards
