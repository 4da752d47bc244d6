#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nnrec::http {

/// Threads that do what others hand them, first come first served. What waits is bounded: who comes
/// too much is told so at once.
class WorkQueue {
 public:
  /// `worker` in [0, workers): two works of one worker never overlap.
  using Work = std::function<void(std::size_t worker)>;

  WorkQueue(std::size_t workers, std::size_t most_waiting);
  /// Does what waits, then ends.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// False where as many wait as may: `work` is then not done. `work` must not throw.
  bool offer(Work work);
  std::size_t waiting() const;

 private:
  void run(std::size_t worker);

  const std::size_t most_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace nnrec::http
