#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace nnrec::shards {

/// A growing array of plain values. Unlike std::vector it grows by realloc, which moves pages of
/// large arrays without copying them: while growing, memory holds the values once, and room that
/// was never written takes none.
template <typename T>
class Column {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  T* data() noexcept { return values_.get(); }
  const T* data() const noexcept { return values_.get(); }
  T& operator[](std::size_t row) noexcept { return values_.get()[row]; }
  const T& operator[](std::size_t row) const noexcept { return values_.get()[row]; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size_; }
  operator std::span<const T>() const noexcept { return {data(), size_}; }

  /// New values are not set: the caller writes them.
  void resize(std::size_t size) {
    if (size > capacity_) grow(size > capacity_ + capacity_ / 2 ? size : capacity_ + capacity_ / 2);
    size_ = size;
  }
  void push_back(T value) {
    resize(size_ + 1);
    (*this)[size_ - 1] = value;
  }

 private:
  struct Free {
    void operator()(T* values) const noexcept { std::free(values); }
  };

  void grow(std::size_t capacity) {
    void* values = std::realloc(values_.get(), capacity * sizeof(T));
    if (values == nullptr) throw std::bad_alloc();
    static_cast<void>(values_.release());
    values_.reset(static_cast<T*>(values));
    capacity_ = capacity;
  }

  std::unique_ptr<T, Free> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace nnrec::shards
