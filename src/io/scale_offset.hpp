#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::io {

/// A chunk of whole numbers as HDF5's scale-offset filter leaves it where no fill value is defined
/// and it chooses the bits itself: the least value, then every value's difference to it in the
/// least number of bits. T: uint32_t, uint64_t or int64_t.
///     chunk = bits:uint32 8:uint8 least:uint64 0[8] difference* 0[1..8]   ; little-endian
///     difference = `bits` bits, highest first, over the bytes' ends   ; bits = 8 sizeof(T): values
/// Source: HDF5 file format specification, version 3.0, IV.A.2.l; HDF5 1.10's bytes, to the last.

/// Values fewer than `chunk_rows` are filled up by the least one. Requires: one value at least, no
/// more than chunk_rows.
template <typename T>
std::vector<std::byte> pack_scaled(std::span<const T> values, std::uint64_t chunk_rows);

/// Takes the values from row `first` on, as unpack_chunk does. False: no chunk of so many rows.
template <typename T>
bool unpack_scaled(std::span<const std::byte> packed, std::uint64_t chunk_rows, std::uint64_t first,
                   std::span<T> values);

}  // namespace nnrec::io
