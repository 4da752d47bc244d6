#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/answers.hpp"
#include "nnrec/serve/recommender.hpp"

namespace nnrec::app {

/// Where the models that are served come from.
struct ServedPlace {
  std::filesystem::path run;  ///< or a checkpoint
  std::string data;
  std::string variant;
  std::size_t workers = 1;
};

/// What tells that a place has other files than before: names, sizes and times of checkpoints,
/// samples and the run's options. Throws IoError.
std::string files_seen(const std::filesystem::path& place);

/// What tells a model from another of the same name: the seals of its checkpoint and samples.
/// Throws InputError where one cannot be read.
std::string seals_of(const run::ModelSource& source);

/// A model with all that requests need, made once. Workers use it at once, each what is its own.
class ServedModel {
 public:
  /// What is known of the training set is taken over from `former` where that is of the same one.
  /// Throws Error.
  ServedModel(run::ModelSource source, const ServedPlace& place, const ServedModel* former,
              Log& log);

  const serve::TrainingFacts& facts() const noexcept { return *facts_; }
  /// The default time of questions: that of the last training rating.
  std::int64_t last_time() const noexcept { return facts_->last_time; }
  const serve::SeenItems& seen() const noexcept { return *seen_; }
  const run::ModelSource& source() const noexcept { return source_; }
  /// seals_of() what was loaded.
  const std::string& seals() const noexcept { return seals_; }
  std::uint64_t step() const noexcept { return source_.head.progress.step; }
  const serve::Model& model() const noexcept { return model_; }
  serve::Recommender& recommender() noexcept { return *recommender_; }
  serve::Answers& answers(std::size_t worker) noexcept { return *answers_[worker]; }
  const serve::IdIndex& users() const noexcept { return *users_; }
  const serve::IdIndex& items() const noexcept { return *items_; }

 private:
  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  run::ModelSource source_;
  std::string seals_;  ///< read before the model: of one that was replaced meanwhile the former's
  serve::Model model_;
  std::shared_ptr<const serve::TrainingFacts> facts_;
  std::shared_ptr<const serve::SeenItems> seen_;
  std::unique_ptr<serve::IdIndex> users_;
  std::unique_ptr<serve::IdIndex> items_;
  std::unique_ptr<serve::Recommender> recommender_;
  std::vector<std::unique_ptr<serve::Answers>> answers_;  ///< a worker each
};

/// The model that answers from now on. A request takes it once and keeps it to its end, so that a
/// newer one takes over between requests and the former goes when its last request has ended.
class CurrentModel {
 public:
  std::shared_ptr<ServedModel> get() const {
    const std::lock_guard lock(mutex_);
    return model_;
  }
  void set(std::shared_ptr<ServedModel> model) {
    const std::lock_guard lock(mutex_);
    model_.swap(model);
    ++loaded_;
  }
  void note_refusal() {
    const std::lock_guard lock(mutex_);
    ++refused_;
  }
  /// How many models were loaded, and how many newer ones could not be.
  std::uint64_t loaded() const {
    const std::lock_guard lock(mutex_);
    return loaded_;
  }
  std::uint64_t refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<ServedModel> model_;
  std::uint64_t loaded_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace nnrec::app
