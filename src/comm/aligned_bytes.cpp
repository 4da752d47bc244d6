#include "nnrec/comm/aligned_bytes.hpp"

#include <cstdlib>
#include <cstring>

#include "nnrec/base/error.hpp"

namespace nnrec::comm {

AlignedBytes::AlignedBytes(std::size_t bytes) : bytes_(bytes) {
  constexpr std::size_t kAlignment = 64;
  // aligned_alloc wants whole multiples; an empty array still gets an address of its own.
  const std::size_t padded = (bytes / kAlignment + 1) * kAlignment;
  if (padded > bytes)
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, padded)));
  if (!memory_) throw IoError("cannot allocate a node array of {} bytes: out of memory", bytes);
  std::memset(memory_.get(), 0, padded);
}

void AlignedBytes::Release::operator()(std::byte* memory) const noexcept {
  std::free(memory);
}

}  // namespace nnrec::comm
