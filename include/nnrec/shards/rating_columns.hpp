#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
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

/// A rating without its time, as it is held to be visited in a random order: all of it lies in one
/// line of the cache, or in two.
struct RatingRecord {
  std::uint32_t user;
  std::uint32_t item;
  float rating;
};

/// One value of each of n ratings, in an array of their own or in their records. Owns nothing.
template <typename T>
class ColumnView {
 public:
  ColumnView() = default;
  template <typename Values>
  requires std::convertible_to<const Values&, std::span<const T>> ColumnView(const Values& values)
      : ColumnView(std::span<const T>(values), sizeof(T)) {}
  /// Of the records that begin with these.
  ColumnView(std::span<const RatingRecord> records, const T RatingRecord::*value)
      : size_(records.size()), stride_(sizeof(RatingRecord)) {
    if (!records.empty()) first_ = reinterpret_cast<const std::byte*>(&(records.front().*value));
  }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T operator[](std::size_t index) const noexcept {
    T value;
    std::memcpy(&value, first_ + index * stride_, sizeof value);
    return value;
  }
  /// Brings the value nearer, which is read soon.
  void prefetch(std::size_t index) const noexcept { __builtin_prefetch(first_ + index * stride_); }
  ColumnView subspan(std::size_t first, std::size_t count) const noexcept {
    ColumnView part = *this;
    part.first_ += first * stride_;
    part.size_ = count;
    return part;
  }

 private:
  ColumnView(std::span<const T> values, std::size_t stride)
      : first_(reinterpret_cast<const std::byte*>(values.data())),
        size_(values.size()),
        stride_(stride) {}

  const std::byte* first_ = nullptr;
  std::size_t size_ = 0;
  std::size_t stride_ = sizeof(T);  ///< bytes from one value to the next
};

/// As RatingColumns, of ratings that are held in either way.
struct RatingView {
  ColumnView<std::uint32_t> user;
  ColumnView<std::uint32_t> item;
  ColumnView<float> rating;
  std::span<const std::int64_t> timestamp;

  RatingView() = default;
  RatingView(const RatingColumns& columns)
      : user(columns.user),
        item(columns.item),
        rating(columns.rating),
        timestamp(columns.timestamp) {}
  /// `times`: as many, or none.
  RatingView(std::span<const RatingRecord> records, std::span<const std::int64_t> times)
      : user(records, &RatingRecord::user),
        item(records, &RatingRecord::item),
        rating(records, &RatingRecord::rating),
        timestamp(times) {}

  std::size_t size() const noexcept { return user.size(); }
  /// Brings a rating's record nearer, which is read soon.
  void prefetch(std::size_t row) const noexcept { user.prefetch(row); }
  /// Ratings [first, first + count); a column of times that is empty stays so.
  RatingView slice(std::size_t first, std::size_t count) const {
    RatingView part;
    part.user = user.subspan(first, count);
    part.item = item.subspan(first, count);
    part.rating = rating.subspan(first, count);
    if (!timestamp.empty()) part.timestamp = timestamp.subspan(first, count);
    return part;
  }
};

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
