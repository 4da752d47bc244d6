#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace nnrec::io {

/// Chunks as HDF5's filters leave them, packed and unpacked outside HDF5 and its lock, so that
/// several threads can. T: see H5Writer.

/// deflated: shuffle, then deflate, a zlib stream that any inflate reads. scaled: scale-offset,
/// whole numbers of 4 and 8 bytes only (src/io/scale_offset.hpp).
enum class ChunkForm : std::uint8_t { deflated, scaled };

struct PackedChunk {
  ChunkForm form = ChunkForm::deflated;
  std::vector<std::byte> bytes;
};

template <typename T>
inline constexpr bool kCanBeScaled = std::is_integral_v<T> && sizeof(T) >= 4;

/// The form that a chunk of these values gets. Whole numbers are scaled, which takes a twentieth of
/// deflate's time and about its bytes, unless half of them or more equal the one before: deflate
/// makes almost nothing of runs; or their differences need all bits, which HDF5 1.14.5 packs and
/// then cannot read.
template <typename T>
ChunkForm chunk_form(std::span<const T> values);

/// The packed bytes of one chunk; values fewer than `chunk_rows` are filled up. A function of the
/// values alone. Throws InternalError when there are none, or more than `chunk_rows`.
template <typename T>
PackedChunk pack_chunk(std::span<const T> values, std::uint64_t chunk_rows, ChunkForm form);
template <typename T>
PackedChunk pack_chunk(std::span<const T> values, std::uint64_t chunk_rows) {
  return pack_chunk(values, chunk_rows, chunk_form(values));
}

/// Takes the values of a chunk of `chunk_rows` from row `first` on, as many as `values` has,
/// `first` + values.size() at most chunk_rows. Returns false, with `values` undefined, when the
/// bytes are no whole chunk of so many values. Not all damage is seen (Adler-32 is weak, scaled
/// chunks have no checksum): who must know compares a digest of the values.
template <typename T>
bool unpack_chunk(const PackedChunk& packed, std::uint64_t chunk_rows, std::uint64_t first,
                  std::span<T> values);

}  // namespace nnrec::io
