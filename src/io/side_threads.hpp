#pragma once

#include <cstddef>
#include <functional>

namespace nnrec::io {

/// Threads that reading or writing a large file takes: so many that hashing keeps up with a fast
/// device, and no more, as others train meanwhile. One more than the cores this process may use, so
/// that one waits for the device while others hash.
std::size_t side_threads();

/// Calls work(piece, thread) once for each piece in [0, pieces), lower ones first, with thread in
/// [0, threads). After a failure no more pieces begin; the first one's exception is thrown
/// when all have ended.
void for_each_piece(std::size_t pieces, std::size_t threads,
                    const std::function<void(std::size_t piece, std::size_t thread)>& work);

}  // namespace nnrec::io
