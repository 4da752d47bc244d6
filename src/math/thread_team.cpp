#include "nnrec/math/thread_team.hpp"

#include <exception>
#include <mutex>

#include <omp.h>

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

}  // namespace

ThreadTeam::ThreadTeam(int threads) : threads_(threads > 0 ? threads : omp_get_max_threads()) {}

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

}  // namespace nnrec::math
