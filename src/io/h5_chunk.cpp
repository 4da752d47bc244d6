#include "nnrec/io/h5_chunk.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"

#include "deflate.hpp"
#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

/// All first bytes, then all second bytes, ...: neighbours become alike.
template <std::size_t width>
std::vector<std::byte> shuffle(std::span<const std::byte> bytes, std::size_t rows) {
  std::vector<std::byte> planes(rows * width, std::byte{0});
  const auto count = bytes.size() / width;
  for (std::size_t plane = 0; plane < width; ++plane) {
    auto* to = planes.data() + plane * rows;
    const auto* from = bytes.data() + plane;
    for (std::size_t row = 0; row < count; ++row) to[row] = from[row * width];
  }
  return planes;
}

}  // namespace

template <typename T>
std::vector<std::byte> deflate_chunk(std::span<const T> values, std::uint64_t chunk_rows) {
  if (values.empty() || values.size() > chunk_rows) {
    throw InternalError("{} values do not make a chunk of {}", values.size(), chunk_rows);
  }
  return deflate(shuffle<sizeof(T)>(std::as_bytes(values), chunk_rows));
}

#define NNREC_INSTANTIATE(T) \
  template std::vector<std::byte> deflate_chunk<T>(std::span<const T>, std::uint64_t);
NNREC_FOR_H5_TYPES(NNREC_INSTANTIATE)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
