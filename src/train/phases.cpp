#include "nnrec/train/phases.hpp"

#include <chrono>

namespace nnrec::train {
namespace {

template <typename Clock>
std::int64_t nanoseconds_of() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::int64_t PhaseClock::system_offset() noexcept {
  return nanoseconds_of<std::chrono::system_clock>() - nanoseconds_of<std::chrono::steady_clock>();
}

std::int64_t PhaseClock::now() const noexcept {
  return offset_ + nanoseconds_of<std::chrono::steady_clock>();
}

void PhaseClock::end(Phase phase, std::uint64_t step) {
  const std::int64_t begin = last_;
  last_ = now();
  nanoseconds_[static_cast<std::size_t>(phase)] += last_ - begin;
  if (progress_ != nullptr) {
    progress_->step = step;
    progress_->phase = static_cast<std::uint64_t>(phase);
    ++progress_->ended;
  }
  if (most_slices_ == 0) return;
  if (slices_.size() < most_slices_) {
    slices_.push_back({begin, last_ - begin, step, phase});
  } else {
    ++left_out_;
  }
}

}  // namespace nnrec::train
