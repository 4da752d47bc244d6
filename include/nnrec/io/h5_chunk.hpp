#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::io {

/// Chunks as HDF5's shuffle and deflate filters leave them, packed and unpacked outside HDF5 and
/// its lock, so that several threads can. T: see H5Writer.

/// The packed bytes of one chunk, a zlib stream that any inflate reads. Values fewer than
/// `chunk_rows` are filled up by zeros. The bytes are a function of the values alone, on every
/// processor of one kind (ISA-L: x86 with SSE 4.2, or ARM). Throws InternalError when there are
/// none, or more than `chunk_rows`.
template <typename T>
std::vector<std::byte> deflate_chunk(std::span<const T> values, std::uint64_t chunk_rows);

/// Takes the values of a chunk of `chunk_rows` from row `first` on, as many as `values` has,
/// `first` + values.size() at most chunk_rows. Returns false, with `values` undefined, when the
/// bytes are no whole zlib stream of so many values. Its checksum, Adler-32, does not see all
/// damage: who must know compares a digest of the values.
template <typename T>
bool inflate_chunk(std::span<const std::byte> packed, std::uint64_t chunk_rows, std::uint64_t first,
                   std::span<T> values);

}  // namespace nnrec::io
