#include "nnrec/io/h5_chunk.hpp"

#include <cstring>
#include <memory>
#include <type_traits>

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include "nnrec/base/error.hpp"

#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

/// All first bytes, then all second bytes, ...: neighbours become alike.
template <typename T>
std::vector<std::uint8_t> shuffle(std::span<const T> values, std::size_t rows) {
  std::vector<std::uint8_t> planes(rows * sizeof(T), 0);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
  for (std::size_t plane = 0; plane < sizeof(T); ++plane) {
    auto* to = planes.data() + plane * rows;
    for (std::size_t row = 0; row < values.size(); ++row) to[row] = bytes[row * sizeof(T) + plane];
  }
  return planes;
}

/// Values as numbers that are put together from bytes: several times as fast as byte by byte.
template <typename T>
void unshuffle(const std::uint8_t* planes, std::size_t rows, std::span<T> values) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;
  for (std::size_t row = 0; row < values.size(); ++row) {
    Bits bits = 0;
    for (std::size_t plane = 0; plane < sizeof(T); ++plane) {
      bits = static_cast<Bits>(bits | static_cast<Bits>(planes[plane * rows + row]) << (8 * plane));
    }
    std::memcpy(&values[row], &bits, sizeof bits);
  }
}

/// Level 1 is the fastest that has a code of the data's own; higher ones are hardly smaller here.
std::vector<std::byte> deflate(std::vector<std::uint8_t>& bytes) {
  const auto room = bytes.size() + bytes.size() / 1024 + 64;  // the worst: stored
  const auto packed = std::make_unique_for_overwrite<std::byte[]>(room);
  const auto workspace = std::make_unique_for_overwrite<std::uint8_t[]>(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream{};  // its init leaves the window's size, which decides bytes, as it is
  isal_deflate_stateless_init(&stream);
  stream.level = 1;
  stream.level_buf = workspace.get();
  stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream.gzip_flag = IGZIP_ZLIB;
  stream.end_of_stream = 1;
  stream.next_in = bytes.data();
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(packed.get());
  stream.avail_out = static_cast<std::uint32_t>(room);
  if (const int code = isal_deflate_stateless(&stream); code != COMP_OK) {
    throw InternalError("{} bytes are not packed: ISA-L's code {}", bytes.size(), code);
  }
  return {packed.get(), packed.get() + stream.total_out};
}

/// Whether `packed` is one whole zlib stream of just as many bytes.
bool inflate(std::span<const std::byte> packed, std::span<std::uint8_t> bytes) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  if (!inflater) throw std::bad_alloc();
  // Without a place for the size, another size than that of `bytes` is an error.
  return libdeflate_zlib_decompress(inflater.get(), packed.data(), packed.size(), bytes.data(),
                                    bytes.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace

template <typename T>
std::vector<std::byte> deflate_chunk(std::span<const T> values, std::uint64_t chunk_rows) {
  if (values.empty() || values.size() > chunk_rows) {
    throw InternalError("{} values do not make a chunk of {}", values.size(), chunk_rows);
  }
  auto planes = shuffle(values, chunk_rows);
  return deflate(planes);
}

template <typename T>
bool inflate_chunk(std::span<const std::byte> packed, std::uint64_t chunk_rows, std::uint64_t first,
                   std::span<T> values) {
  if (first > chunk_rows || values.size() > chunk_rows - first) {
    throw InternalError("rows {} to {} of a chunk of {}", first, first + values.size(), chunk_rows);
  }
  const auto size = chunk_rows * sizeof(T);
  const auto planes = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  if (!inflate(packed, {planes.get(), size})) return false;
  unshuffle(planes.get() + first, chunk_rows, values);
  return true;
}

#define NNREC_INSTANTIATE(T)                                                               \
  template std::vector<std::byte> deflate_chunk<T>(std::span<const T>, std::uint64_t);     \
  template bool inflate_chunk<T>(std::span<const std::byte>, std::uint64_t, std::uint64_t, \
                                 std::span<T>);
NNREC_FOR_H5_TYPES(NNREC_INSTANTIATE)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
