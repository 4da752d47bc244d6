#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::io {

/// The bytes of one chunk as HDF5's shuffle and deflate filters leave them, made outside HDF5 and
/// its lock, so that several threads can. Values fewer than `chunk_rows` are filled up by zeros.
/// The bytes are a function of the values alone. Throws InternalError when there are none, or more.
template <typename T>
std::vector<std::byte> deflate_chunk(std::span<const T> values, std::uint64_t chunk_rows);

}  // namespace nnrec::io
