#pragma once

#include <cstddef>
#include <type_traits>

namespace nnrec::math {

/// The most threads of a team: far above any machine, far below what a machine refuses.
constexpr int kMostThreads = 1024;

/// Where OpenMP is told to bind threads (OMP_PROC_BIND, OMP_PLACES), it has bound the first one to
/// the first of its places before main, and with it the threads and programs that this one starts.
/// Afterwards the calling thread may run on every core of these places. Collective: no.
void release_first_thread();

/// Runs independent pieces of work on OpenMP threads. Which thread runs which piece is not defined:
/// pieces must write to places of their own or into order-free sums.
class ThreadTeam {
 public:
  /// `threads` 0 means what OpenMP would use (OMP_NUM_THREADS, else the cores allowed).
  /// Throws UsageError where that is more than kMostThreads.
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

  /// Makes pieces on all threads and uses them in their order: make(piece, slot, thread) as in
  /// for_each, then use(piece, slot) by one thread at a time while others make what comes next.
  /// Each piece has its slot, in [0, slots()), to itself from make to use. Errors as in for_each;
  /// no piece behind one that failed is used.
  template <typename Make, typename Use>
  void make_in_order(std::size_t pieces, Make&& make, Use&& use) const {
    using MakeFunction = std::remove_reference_t<Make>;
    using UseFunction = std::remove_reference_t<Use>;
    struct Both {
      MakeFunction* make;
      UseFunction* use;
    } both{&make, &use};
    run_in_order(
        pieces, &both,
        [](void* context, std::size_t piece, std::size_t slot, std::size_t thread) {
          (*static_cast<Both*>(context)->make)(piece, slot, thread);
        },
        [](void* context, std::size_t piece, std::size_t slot) {
          (*static_cast<Both*>(context)->use)(piece, slot);
        });
  }
  std::size_t slots() const noexcept {
    return threads_ == 1 ? 1 : 4 * static_cast<std::size_t>(threads_);
  }

 private:
  using Call = void (*)(void* context, std::size_t piece, std::size_t thread);
  using MakeCall = void (*)(void* context, std::size_t piece, std::size_t slot, std::size_t thread);
  using UseCall = void (*)(void* context, std::size_t piece, std::size_t slot);
  void run(std::size_t pieces, void* context, Call call) const;
  void run_in_order(std::size_t pieces, void* context, MakeCall make, UseCall use) const;

  int threads_;
};

}  // namespace nnrec::math
