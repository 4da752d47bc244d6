#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nnrec::io {

/// A zlib stream of `bytes` (RFC 1950 and 1951), which any inflate reads. Made for the byte planes
/// of columns: blocks of 64 KiB, each with a Huffman code of its own; of repetitions only runs of
/// one byte are used. So it is many times as fast as a search for matches, and on planes no larger.
/// The result is a function of the bytes alone.
std::vector<std::byte> deflate(std::span<const std::byte> bytes);

}  // namespace nnrec::io
