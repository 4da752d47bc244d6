#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/models/network.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/run_folder.hpp"
#include "nnrec/run/save_schedule.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/stall_watch.hpp"
#include "nnrec/train/state_copy.hpp"
#include "nnrec/train/trainer.hpp"

#include "event_log.hpp"
#include "json_log.hpp"
#include "living_line.hpp"
#include "own_forecast.hpp"
#include "resume.hpp"
#include "run_times.hpp"

namespace nnrec::run {

/// Who is told what happens.
struct Watchers {
  Trace& trace;
  JsonLog& events;
  EventLog& event_log;
};

/// Trains one variant from where it stands to --epochs, with evaluations, history and checkpoints.
class VariantTraining {
 public:
  /// Collective. `start` and `folder`: on rank 0, null elsewhere. Session and watchers outlive it.
  VariantTraining(const Session& session, const std::string& variant, const StartPoint* start,
                  RunFolder* folder, const Watchers& watchers);

  /// Collective. Throws AgreedError of kind interrupted when a rank was asked to stop, with all
  /// saved.
  TrainedVariant run();

 private:
  enum class SaveKind { periodic, needed };

  train::TrainState shared_start(const StartPoint* start) const;
  bool is_new_here(const StartPoint& start) const;
  void print_start(const StartPoint* start) const;
  void watch_for_stalls();
  void print_groups() const;
  void require_equal_replicas() const;
  bool end_epoch(const train::EpochResult& epoch);
  HistoryRow history_row(const train::EpochResult& epoch) const;
  train::Errors evaluate(train::Evaluator& evaluator, const nn::ParameterSet& parameters);
  train::Errors evaluate(shards::Part part);
  bool has_samples() const;
  void note_other_samples(const StartPoint* start);
  bool add_sample(const train::SampledEpoch& sampled);
  void complete_samples();
  std::vector<SavedCheckpoint> own_samples() const;
  bool is_kept();
  void keep_sample();
  void warn_of_few_samples() const;
  void evaluate_epoch();
  void evaluate_end();
  std::optional<train::TrainState> best_state() const;
  bool load_best(train::TrainState& best) const;
  std::uint64_t best_step_here(std::uint64_t step) const;
  void save(SaveKind kind);
  bool has_room() const;
  void save_beside();
  void write_checkpoint(const train::TrainState& state) const;
  void note_saved();
  void wait_for_save();
  void attempt(SaveKind kind, const std::string& what, const std::function<void()>& work) const;
  LivingState living_state(std::uint64_t step) const;
  void write(SaveKind kind, const std::string& what, const std::function<void()>& work);
  void print_errors() const;
  void print_statistics(const std::optional<ForecastFigures>& forecast) const;
  void add_to_trace();
  bool is_finished() const;
  std::uint64_t epoch_steps() const;
  [[noreturn]] void throw_stopped() const;

  const Session& session_;
  std::string variant_;
  RunFolder* folder_;
  Trace& trace_;
  JsonLog& events_;
  EventLog& event_log_;
  LivingLine living_;
  models::Network network_;
  train::CheckpointInfo info_;
  nn::UpdateRules rules_;
  train::Trainer trainer_;
  std::optional<OwnForecast> forecast_;  ///< where all epochs are alike
  train::ProgressBoard board_;
  std::optional<train::StallWatch> watch_;  ///< on the first rank of a node
  train::Evaluator validator_;
  train::Evaluator tester_;
  SaveSchedule schedule_;
  // Of the last model; no rows: not evaluated.
  train::Errors validation_;
  train::Errors test_;
  train::Errors best_test_;  ///< of the model with the best validation
  double training_seconds_ = 0;
  std::uint64_t other_samples_ = 0;  ///< step up to which samples are of another mean; on rank 0
  bool has_other_samples_ = false;   ///< and no save has set them aside yet; on all ranks
  // Of saves beside training:
  bool is_new_here_ = false;              ///< what it begins with, in the run's folder
  bool has_room_ = false;                 ///< for a copy of the state, on rank 0's node
  std::optional<train::StateCopy> copy_;  ///< there alone
  bool is_saving_ = false;                ///< as all ranks know
  std::exception_ptr save_error_;         ///< which ends training at the next pause; on rank 0
  std::future<void> saving_;              ///< last: its end waits until nothing here is read
};

}  // namespace nnrec::run
