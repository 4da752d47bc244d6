#include "nnrec/math/thread_team.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <vector>

#include <omp.h>

#include "nnrec/base/cores.hpp"
#include "nnrec/base/error.hpp"

namespace nnrec::math {
namespace {

/// Keeps the exception of the lowest piece, so that the error reported does not depend on timing.
class FirstError {
 public:
  void keep(std::size_t piece) {
    const std::lock_guard lock(mutex_);
    if (!error_ || piece < piece_) {
      error_ = std::current_exception();
      piece_ = piece;
    }
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr error_;
  std::size_t piece_ = 0;
};

/// Which of the pieces that are made in slots may be made, and which be used.
class Order {
 public:
  explicit Order(std::size_t slots) : made_(slots, false) {}

  /// Waits until the piece's slot is free. Returns false when it is not to be made any more.
  bool wait_for_slot(std::size_t piece) {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return piece < next_ + made_.size() || piece > failed_; });
    return piece <= failed_;
  }
  /// The piece is made. Uses what is next in order, unless another thread is at it.
  /// use(piece) returns false when it failed.
  template <typename Use>
  void hand_over(std::size_t piece, const Use& use) {
    std::unique_lock lock(mutex_);
    made_[piece % made_.size()] = true;
    if (in_use_) return;
    in_use_ = true;
    while (next_ < failed_ && made_[next_ % made_.size()]) {
      const auto next = next_;
      lock.unlock();
      const bool used = use(next);
      lock.lock();
      if (!used) break;
      made_[next % made_.size()] = false;
      ++next_;
      freed_.notify_all();
    }
    in_use_ = false;
  }
  void fail(std::size_t piece) {
    const std::lock_guard lock(mutex_);
    failed_ = std::min(failed_, piece);
    freed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t next_ = 0;  ///< to be used
  std::size_t failed_ = std::numeric_limits<std::size_t>::max();
  std::vector<bool> made_;  ///< by slot
  bool in_use_ = false;
};

}  // namespace

void release_first_thread() {
  if (omp_get_proc_bind() == omp_proc_bind_false) return;
  std::vector<int> cores;
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> numbers(static_cast<std::size_t>(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, numbers.data());
    cores.insert(cores.end(), numbers.begin(), numbers.end());
  }
  allow_cores(cores);
}

ThreadTeam::ThreadTeam(int threads) : threads_(threads > 0 ? threads : omp_get_max_threads()) {
  // OpenMP's library would take the number and crash.
  if (threads_ > kMostThreads)
    throw UsageError(
        "OMP_NUM_THREADS asks for {} threads; at most {} are started. Set it to fewer.", threads_,
        kMostThreads);
}

void ThreadTeam::run(std::size_t pieces, void* context, Call call) const {
  if (threads_ == 1 || pieces <= 1) {
    for (std::size_t piece = 0; piece < pieces; ++piece) call(context, piece, 0);
    return;
  }
  FirstError error;
#pragma omp parallel for schedule(monotonic : dynamic, 1) num_threads(threads_)
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    try {
      call(context, piece, static_cast<std::size_t>(omp_get_thread_num()));
    } catch (...) {
      error.keep(piece);
    }
  }
  error.rethrow();
}

void ThreadTeam::run_in_order(std::size_t pieces, void* context, MakeCall make, UseCall use) const {
  if (threads_ == 1) {
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      make(context, piece, 0, 0);
      use(context, piece, 0);
    }
    return;
  }
  FirstError error;
  Order order(slots());
  const auto attempt = [&](std::size_t piece, const auto& work) {
    try {
      work();
      return true;
    } catch (...) {
      error.keep(piece);
      order.fail(piece);
      return false;
    }
  };
#pragma omp parallel for schedule(monotonic : dynamic, 1) num_threads(threads_)
  for (std::size_t piece = 0; piece < pieces; ++piece) {
    if (!order.wait_for_slot(piece)) continue;
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    if (!attempt(piece, [&] { make(context, piece, piece % slots(), thread); })) continue;
    order.hand_over(piece, [&](std::size_t next) {
      return attempt(next, [&] { use(context, next, next % slots()); });
    });
  }
  error.rethrow();
}

}  // namespace nnrec::math
