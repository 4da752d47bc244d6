#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace nnrec::math {

inline constexpr std::size_t kAlignmentBytes = 64;
/// Floats in one aligned unit; strides are rounded up to it.
inline constexpr std::size_t kAlignmentFloats = kAlignmentBytes / sizeof(float);

constexpr std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new (count * sizeof(T), std::align_val_t{kAlignmentBytes}));
  }
  void deallocate(T* pointer, std::size_t) noexcept {
    ::operator delete (pointer, std::align_val_t{kAlignmentBytes});
  }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

/// A vector that starts on a cache line.
template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

}  // namespace nnrec::math
