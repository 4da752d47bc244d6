#pragma once

#include <cstddef>
#include <type_traits>

namespace nnrec::math {

/// Runs independent pieces of work on OpenMP threads. Which thread runs which piece is not defined:
/// pieces must write to places of their own or into order-free sums.
class ThreadTeam {
 public:
  /// `threads` 0 means what OpenMP would use (OMP_NUM_THREADS, else the cores allowed).
  explicit ThreadTeam(int threads);

  int size() const noexcept { return threads_; }

  /// Calls work(piece, thread) once for each piece in [0, pieces), with thread in [0, size());
  /// lower pieces start first. When pieces throw, the exception of the lowest one is rethrown after
  /// all have ended; with one thread the first exception ends the work.
  template <typename Work>
  void for_each(std::size_t pieces, Work&& work) const {
    using Function = std::remove_reference_t<Work>;
    run(pieces, const_cast<void*>(static_cast<const void*>(&work)),
        [](void* context, std::size_t piece, std::size_t thread) {
          (*static_cast<Function*>(context))(piece, thread);
        });
  }

 private:
  using Call = void (*)(void* context, std::size_t piece, std::size_t thread);
  void run(std::size_t pieces, void* context, Call call) const;

  int threads_;
};

}  // namespace nnrec::math
