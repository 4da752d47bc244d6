#include "model_watch.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "nnrec/base/current_error.hpp"
#include "nnrec/base/file_handle.hpp"

namespace nnrec::app {
namespace {

/// Lines that wait until it is known whether they are news.
class HeldLines {
 public:
  HeldLines() : stream_(open_memstream(&text_, &length_)), log_(stream_.get()) {}
  ~HeldLines() { take(); }
  HeldLines(const HeldLines&) = delete;
  HeldLines& operator=(const HeldLines&) = delete;

  Log& log() noexcept { return log_; }
  /// Requires: nothing is written afterwards.
  std::string take() {
    stream_.reset();
    std::string lines = text_ == nullptr ? std::string() : std::string(text_, length_);
    std::free(std::exchange(text_, nullptr));
    return lines;
  }

 private:
  char* text_ = nullptr;
  std::size_t length_ = 0;
  FileHandle stream_;
  Log log_;
};

}  // namespace

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
  HeldLines held;
  bool is_newer = false;
  try {
    std::string seen = files_seen(place_.run);
    if (seen == seen_ && !is_refused_) return;
    seen_ = std::move(seen);  // before it is read: what comes meanwhile is looked at next time
    is_newer = load(held.log());
    is_refused_ = false;
  } catch (...) {
    held.log().warn("the model stays that of step {}: {}", current_.get()->step(),
                    current_error().what());
    is_refused_ = true;
  }
  const std::string lines = held.take();
  if (!is_newer && lines == said_) return;
  log_.lines(lines);
  said_ = is_newer ? "" : lines;
  if (is_newer) log_.print("answers are of step {} now", current_.get()->step());
  if (is_refused_) current_.note_refusal();
}

/// Returns whether another model answers now.
bool ModelWatch::load(Log& log) {
  const auto former = current_.get();
  auto source = run::find_model(place_.run, place_.variant, log);
  // A newer checkpoint need not be the best; and another run may have put its own in the place of
  // this one, under the same name.
  const auto seals = run::read_present(source, log, [&] { return seals_of(source); });
  if (seals == former->seals()) return false;
  current_.set(std::make_shared<ServedModel>(std::move(source), place_, former.get(), log));
  return true;
}

}  // namespace nnrec::app
