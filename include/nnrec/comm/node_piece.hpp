#pragma once

#include <cstddef>

namespace nnrec::comm {

/// Bytes: node arrays that are smaller lie in pieces of this size, of which what is left over stays
/// empty.
constexpr std::size_t kNodePiece = std::size_t{2} << 20;

}  // namespace nnrec::comm
