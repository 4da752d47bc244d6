#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "nnrec/base/log.hpp"

#include "served_model.hpp"

namespace nnrec::app {

/// Looks for a newer model in the served place now and then, on a thread of its own, until it ends.
/// While one cannot be loaded, as where files are still being copied, the former goes on answering
/// and each look tries again; a look that comes to the same as the one before says nothing.
class ModelWatch {
 public:
  /// `log` is written to by this thread alone as long as the object lives.
  ModelWatch(const ServedPlace& place, double seconds, std::string seen, CurrentModel& current,
             Log& log);
  ~ModelWatch();

 private:
  void run();
  void look();
  bool load(Log& log);

  const ServedPlace place_;
  const double seconds_;
  std::string seen_;
  bool is_refused_ = false;  ///< what was seen
  std::string said_;         ///< by the last look that read it
  CurrentModel& current_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace nnrec::app
