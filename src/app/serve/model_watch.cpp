#include "model_watch.hpp"

#include <chrono>
#include <utility>

#include "nnrec/base/current_error.hpp"

namespace nnrec::app {

ModelWatch::ModelWatch(const ServedPlace& place, double seconds, std::string seen,
                       CurrentModel& current, Log& log)
    : place_(place),
      seconds_(seconds),
      seen_(std::move(seen)),
      current_(current),
      log_(log),
      thread_([this] { run(); }) {}

ModelWatch::~ModelWatch() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ModelWatch::run() {
  std::unique_lock lock(mutex_);
  while (
      !changed_.wait_for(lock, std::chrono::duration<double>(seconds_), [this] { return ends_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void ModelWatch::look() {
  std::string seen = checkpoints_seen(place_.run);
  if (seen == seen_) return;
  try {
    const auto former = current_.get();
    auto source = run::find_model(place_.run, place_.variant, log_);
    // A newer checkpoint need not be the best; and another run may have put its own in the place
    // of this one, under the same name.
    const auto seals = run::read_present(source, log_, [&] { return seals_of(source); });
    if (seals != former->seals()) {
      current_.set(std::make_shared<ServedModel>(std::move(source), place_, former.get(), log_));
      log_.print("answers are of step {} now", current_.get()->step());
    }
  } catch (...) {
    current_.note_refusal();
    log_.warn("the model stays that of step {}: {}", current_.get()->step(),
              current_error().what());
  }
  seen_ = std::move(seen);
}

}  // namespace nnrec::app
