#include "nnrec/io/h5_chunk.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include <libdeflate.h>

#include "nnrec/base/error.hpp"

#include "h5_handle.hpp"
#include "scale_offset.hpp"

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

/// Level 1: higher ones are hardly smaller here. The same bytes for the same values, whatever
/// memory held before (ISA-L, several times as fast, made others now and then).
std::vector<std::byte> deflate(const std::vector<std::uint8_t>& bytes) {
  constexpr int kLevel = 1;
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> deflater(
      libdeflate_alloc_compressor(kLevel), &libdeflate_free_compressor);
  if (!deflater) throw std::bad_alloc();
  std::vector<std::byte> packed(libdeflate_zlib_compress_bound(deflater.get(), bytes.size()));
  const std::size_t size = libdeflate_zlib_compress(deflater.get(), bytes.data(), bytes.size(),
                                                    packed.data(), packed.size());
  if (size == 0) throw InternalError("{} bytes are not packed into their bound", bytes.size());
  packed.resize(size);
  return packed;
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

/// Whether the differences of whole numbers need as many bits as the numbers have.
template <typename T>
bool needs_all_bits(std::span<const T> values) {
  if constexpr (!kCanBeScaled<T>) {
    return false;
  } else {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const auto most = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
    return std::bit_width(most) == 8 * sizeof(T);
  }
}

}  // namespace

template <typename T>
ChunkForm chunk_form(std::span<const T> values) {
  if (!kCanBeScaled<T> || values.empty()) return ChunkForm::deflated;
  if (needs_all_bits(values)) return ChunkForm::deflated;
  std::size_t repeated = 0;
  for (std::size_t at = 1; at < values.size(); ++at) repeated += values[at] == values[at - 1];
  return 2 * repeated < values.size() ? ChunkForm::scaled : ChunkForm::deflated;
}

template <typename T>
PackedChunk pack_chunk(std::span<const T> values, std::uint64_t chunk_rows, ChunkForm form) {
  if (values.empty() || values.size() > chunk_rows) {
    throw InternalError("{} values do not make a chunk of {}", values.size(), chunk_rows);
  }
  if constexpr (kCanBeScaled<T>) {
    if (form == ChunkForm::scaled) return {form, pack_scaled(values, chunk_rows)};
  }
  if (form != ChunkForm::deflated) throw InternalError("only whole numbers can be scaled");
  return {form, deflate(shuffle(values, chunk_rows))};
}

template <typename T>
bool unpack_chunk(const PackedChunk& packed, std::uint64_t chunk_rows, std::uint64_t first,
                  std::span<T> values) {
  if (first > chunk_rows || values.size() > chunk_rows - first) {
    throw InternalError("rows {} to {} of a chunk of {}", first, first + values.size(), chunk_rows);
  }
  if constexpr (kCanBeScaled<T>) {
    if (packed.form == ChunkForm::scaled) {
      return unpack_scaled(std::span(packed.bytes), chunk_rows, first, values);
    }
  }
  if (packed.form != ChunkForm::deflated) return false;
  const auto size = chunk_rows * sizeof(T);
  const auto planes = std::make_unique_for_overwrite<std::uint8_t[]>(size);
  if (!inflate(packed.bytes, {planes.get(), size})) return false;
  unshuffle(planes.get() + first, chunk_rows, values);
  return true;
}

#define NNREC_INSTANTIATE(T)                                                        \
  template ChunkForm chunk_form<T>(std::span<const T>);                             \
  template PackedChunk pack_chunk<T>(std::span<const T>, std::uint64_t, ChunkForm); \
  template bool unpack_chunk<T>(const PackedChunk&, std::uint64_t, std::uint64_t, std::span<T>);
NNREC_FOR_H5_TYPES(NNREC_INSTANTIATE)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
