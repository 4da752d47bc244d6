#include "nnrec/http/work_queue.hpp"

#include <utility>

namespace nnrec::http {

WorkQueue::WorkQueue(std::size_t workers, std::size_t most_waiting) : most_waiting_(most_waiting) {
  for (std::size_t worker = 0; worker < workers; ++worker)
    threads_.emplace_back([this, worker] { run(worker); });
}

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkQueue::offer(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= most_waiting_) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

std::size_t WorkQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void WorkQueue::run(std::size_t worker) {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work(worker);
  }
}

}  // namespace nnrec::http
