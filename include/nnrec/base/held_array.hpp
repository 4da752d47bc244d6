#pragma once

#include <span>
#include <utility>
#include <vector>

#include "nnrec/base/release.hpp"

namespace nnrec {

/// A constant array: in memory of its own or, after move_to(), in memory that others share, which
/// outlives it.
template <typename T>
class HeldArray {
 public:
  HeldArray() = default;
  HeldArray(std::vector<T> own) : own_(std::move(own)), values_(own_) {}
  HeldArray(HeldArray&&) noexcept = default;  // a vector's numbers stay where they are
  HeldArray& operator=(HeldArray&&) noexcept = default;
  ~HeldArray() = default;

  std::span<const T> values() const noexcept { return values_; }
  bool empty() const noexcept { return values_.empty(); }
  const T& operator[](std::size_t index) const { return values_[index]; }

  /// `elsewhere` holds the same values.
  void move_to(std::span<const T> elsewhere) {
    values_ = elsewhere;
    release(own_);
  }

 private:
  std::vector<T> own_;
  std::span<const T> values_;
};

}  // namespace nnrec
