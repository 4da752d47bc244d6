#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace nnrec::comm {

/// Owner of a zeroed, 64-byte aligned array: what node_array gives where ranks share a process.
class AlignedBytes {
 public:
  /// Throws IoError when memory is short.
  explicit AlignedBytes(std::size_t bytes);
  std::span<std::byte> span() const noexcept { return {memory_.get(), bytes_}; }

 private:
  struct Release {
    void operator()(std::byte* memory) const noexcept;
  };
  std::unique_ptr<std::byte, Release> memory_;
  std::size_t bytes_;
};

}  // namespace nnrec::comm
