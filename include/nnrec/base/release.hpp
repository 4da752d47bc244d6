#pragma once

#include <utility>

namespace nnrec {

/// Empties a container and gives its memory back, which clear() and an assigned {} keep.
template <typename Container>
void release(Container& container) {
  Container().swap(container);
}

}  // namespace nnrec
