#include "variant_training.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/host_memory.hpp"
#include "nnrec/run/lineage.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/replicas.hpp"

#include "error_lines.hpp"
#include "in_force.hpp"
#include "kept_samples.hpp"
#include "start_state.hpp"
#include "step_lines.hpp"

namespace nnrec::run {
namespace {

double ratings_per_second(const train::EpochResult& epoch) {
  return static_cast<double>(epoch.rows_trained) / std::max(epoch.seconds, 1e-9);
}

std::string checkpoint_name(std::uint64_t step) {
  return fmt::format("the checkpoint of step {}", step);
}

}  // namespace

VariantTraining::VariantTraining(const Session& session, const std::string& variant,
                                 const StartPoint* start, RunFolder* folder,
                                 const Watchers& watchers)
    : session_(session),
      variant_(variant),
      folder_(folder),
      trace_(watchers.trace),
      events_(watchers.events),
      event_log_(watchers.event_log),
      living_(session.log()),
      network_(session.build_network(variant)),
      info_{variant,
            session.data_digest(),
            session.deciding(network_),
            start == nullptr ? "" : start->changes,
            start == nullptr ? train::CheckpointOrigin{} : start->origin,
            session.build()},
      rules_(session.make_rules(network_)),
      trainer_(session.make_trainer(network_, rules_, shared_start(start))),
      board_(session.ranks()),
      validator_(session.make_evaluator(network_, shards::Part::validation)),
      tester_(session.make_evaluator(network_, shards::Part::test)),
      schedule_(parse_save_interval(session.options().checkpoint_every)) {
  std::array<std::int64_t, 1> is_new{start != nullptr && is_new_here(*start) ? 1 : 0};
  session_.ranks().maximum(is_new);
  is_new_here_ = is_new[0] != 0;
  note_other_samples(start);
  print_start(start);
  watch_for_stalls();
  if (trace_.is_wanted()) trainer_.clock().keep_slices(Trace::most_slices(session_.ranks()));
}

train::TrainState VariantTraining::shared_start(const StartPoint* start) const {
  train::TrainState state = session_.initial_state(network_, rules_);
  std::array<std::int64_t, 1> loaded{};
  comm::agree(session_.ranks(), [&] {
    if (start == nullptr) return;
    const Continuation who{session_, network_, variant_};
    if (!start->warm.empty()) load_warm_start(who, start->warm, start->saved, state.parameters);
    if (!start->checkpoint.empty()) load_start(who, start->checkpoint, start->saved, state);
    // What was learned with other options says nothing of how long to wait with these.
    if (!start->changed.empty()) state.patience_epoch = state.epoch;
    if (!start->warm.empty() || !start->checkpoint.empty()) loaded[0] = 1;
  });
  // First weights are a function, which each node has made for itself.
  session_.ranks().maximum(loaded);
  if (loaded[0] != 0) train::copy_to_all(session_.ranks(), state);
  return state;
}

/// Whether no checkpoint of the run's folder holds what training begins with.
bool VariantTraining::is_new_here(const StartPoint& start) const {
  if (start.checkpoint.empty()) return false;  // nothing is trained yet
  std::error_code ignored;
  const auto own = checkpoint_path(folder_->path(), variant_, start.progress.step);
  return !std::filesystem::exists(own, ignored);
}

/// Those before a change of data or sampler answer until the first save of what is trained now,
/// which sets them aside: a job that is killed before it has replaced nothing.
void VariantTraining::note_other_samples(const StartPoint* start) {
  if (start != nullptr && (start->has_other_data || start->has_other_sampler))
    other_samples_ = start->progress.step;
  std::array<std::int64_t, 1> has_some{other_samples_ > 0 ? 1 : 0};
  session_.ranks().maximum(has_some);
  has_other_samples_ = has_some[0] != 0;
}

void VariantTraining::print_start(const StartPoint* start) const {
  Log& log = session_.log();
  log.print("{}: {} parameters", variant_, network_.layout().parameter_count());
  session_.print_features(variant_, network_);
  if (!session_.options().groups.empty()) print_groups();
  if (const auto lost = lost_epochs_text(session_); !lost.empty())
    log.warn("{}: {}", variant_, lost);
  if (start == nullptr || start->checkpoint.empty()) return;
  const train::TrainState& state = trainer_.state();
  log.print("{}: goes on from {}: {} epochs and {} ratings of the next are done, step {}", variant_,
            start->checkpoint.string(), state.epoch, state.position, state.step);
  log.print("{}: {}", variant_, in_force_text(session_, state, *start));
}

/// Past the log, which belongs to the thread that trains.
void VariantTraining::watch_for_stalls() {
  trainer_.clock().report_to(board_.own());
  const auto timeout = parse_stall_timeout(session_.options().stall_timeout);
  if (timeout.count() == 0 || session_.ranks().node_rank() != 0) return;
  watch_.emplace(board_, timeout, [variant = variant_](const std::string& text) {
    // A refusal is nobody's: training goes on unheard.
    std::fputs(fmt::format("nnrec_dist: warning: {}: {}\n", variant, text).c_str(), stderr);
  });
}

/// Which group each block fell into.
void VariantTraining::print_groups() const {
  const auto& blocks = network_.layout().blocks();
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    session_.log().print("  {} {} x {}: group {}", blocks[block].name, blocks[block].rows,
                         blocks[block].cols, rules_.group_of(block).text());
  }
}

bool VariantTraining::is_finished() const {
  return run::is_finished(trainer_.state(), session_.options());
}

std::uint64_t VariantTraining::epoch_steps() const {
  const std::uint64_t step_rows = session_.options().step_rows();
  return (session_.training_rows() + step_rows - 1) / step_rows;
}

/// What the terminal's line says of it.
LivingState VariantTraining::living_state(std::uint64_t step) const {
  LivingState state;
  state.variant = variant_;
  state.step = step;
  state.step_rows = session_.options().step_rows();
  state.epoch_steps = epoch_steps();
  state.epochs = static_cast<std::uint64_t>(session_.options().epochs);
  const train::Errors& errors = validation_.squared.rows > 0 ? validation_ : test_;
  if (errors.squared.rows > 0) state.rmse = errors.rmse();
  return state;
}

TrainedVariant VariantTraining::run() {
  events_.begin(variant_, trainer_.state());
  event_log_.begin(variant_, trainer_.state());
  if (!trainer_.state().sampling) forecast_.emplace(session_, network_, rules_, trainer_);
  has_room_ = has_room();
  require_equal_replicas();
  warn_of_few_samples();
  if (is_finished()) {
    session_.log().print(
        "{}: {} epochs are done already, --epochs {} asks for no more{}", variant_,
        trainer_.state().epoch, session_.options().epochs,
        is_out_of_patience(trainer_.state(), session_.options()) ? " that --patience allows" : "");
    evaluate_epoch();
    if (is_new_here_) save(SaveKind::needed);
  }
  while (!is_finished()) {
    living_.begin(trainer_.state().step);
    const train::Pause pause = trainer_.train([&](std::uint64_t step) {
      if (session_.log().is_living()) living_.show(living_state(step));
      note_saved();
      const bool is_due = folder_ != nullptr && schedule_.is_due_after_step(step);
      return train::StepRequest{session_.signals().received() != 0, is_due || save_error_};
    });
    require_equal_replicas();  // before it is evaluated
    bool is_due = pause.save;
    if (pause.epoch) is_due = end_epoch(*pause.epoch) || is_due;
    const bool is_needed = is_finished() || pause.stop;
    if (is_due || is_needed) save(is_needed ? SaveKind::needed : SaveKind::periodic);
    if (pause.stop && !is_finished()) {
      if (trace_.is_wanted()) add_to_trace();
      throw_stopped();
    }
  }
  if (is_out_of_patience(trainer_.state(), session_.options())) {
    session_.log().print("{}: ends after epoch {}: {} epochs without a lower validation RMSE",
                         variant_, trainer_.state().epoch, session_.options().patience);
  }
  evaluate_end();
  print_errors();
  const auto forecast = forecast_ ? forecast_->figures(training_seconds_) : std::nullopt;
  print_statistics(forecast);
  if (trace_.is_wanted()) add_to_trace();
  const std::string digest = trainer_.state().model().digest();
  return {variant_,
          trainer_.state(),
          validation_,
          test_,
          best_test_,
          digest,
          info_.options,
          info_.changes,
          trainer_.statistics(),
          trainer_.clock(),
          training_seconds_,
          forecast};
}

void VariantTraining::require_equal_replicas() const {
  train::require_equal_replicas(
      session_.ranks(), session_.team(), trainer_.state(), variant_,
      trainer_.has_whole_state() ? train::Compared::all : train::Compared::parameters);
}

train::Errors VariantTraining::evaluate(train::Evaluator& evaluator,
                                        const nn::ParameterSet& parameters) {
  trainer_.clock().start();
  const train::Errors errors = evaluator.evaluate(session_.ranks(), parameters);
  trainer_.clock().end(train::Phase::evaluate, trainer_.state().step);
  return errors;
}

/// Whether models are averaged, and one is.
bool VariantTraining::has_samples() const {
  const auto& sampling = trainer_.state().sampling;
  return sampling && sampling->numbers.samples > 0;
}

/// Of the last model or, once there are samples, of their mean.
train::Errors VariantTraining::evaluate(shards::Part part) {
  const bool is_test = part == shards::Part::test;
  train::Evaluator& evaluator = is_test ? tester_ : validator_;
  if (!has_samples()) return evaluate(evaluator, trainer_.state().model());
  const train::SamplingState& sampling = *trainer_.state().sampling;
  trainer_.clock().start();
  const train::Errors errors = evaluator.evaluate_mean(
      session_.ranks(), is_test ? *sampling.test : *sampling.validation, sampling.numbers.samples);
  trainer_.clock().end(train::Phase::evaluate, trainer_.state().step);
  return errors;
}

/// Adds the epoch's last model to the means, unless it was undone. Of the test part too, which
/// nobody looks at before the end where there is a validation part. Returns whether a checkpoint is
/// due: samples of two means do not stay beside each other.
bool VariantTraining::add_sample(const train::SampledEpoch& sampled) {
  train::SamplingState& sampling = trainer_.sampling();
  const auto options = session_.options().training().sampling;
  if (sampled.is_undone) {
    session_.log().warn(
        "{}: epoch {} diverged and is undone; steps of {:.3g} from here on (so far {} were undone)",
        variant_, trainer_.state().epoch, sampled.step_size, sampling.numbers.undone);
  }
  if (sampled.is_undone || trainer_.state().epoch <= options->burn_in) return false;
  trainer_.clock().start();
  const nn::ParameterSet& model = trainer_.state().parameters;
  if (sampling.validation) validator_.add_sample(session_.ranks(), model, *sampling.validation);
  if (sampling.test) tester_.add_sample(session_.ranks(), model, *sampling.test);
  ++sampling.numbers.samples;
  trainer_.clock().end(train::Phase::evaluate, trainer_.state().step);
  if (!is_kept()) return false;
  keep_sample();
  return std::exchange(has_other_samples_, false);
}

/// Those of the mean that are kept so far; on rank 0.
std::vector<SavedCheckpoint> VariantTraining::own_samples() const {
  auto samples = find_samples(folder_->path(), variant_);
  std::erase_if(samples, [&](const SavedCheckpoint& one) { return one.step <= other_samples_; });
  return samples;
}

/// Collective.
bool VariantTraining::is_kept() {
  std::array<std::int64_t, 1> kept{};
  write(SaveKind::periodic, "a sampled model", [&] {
    if (run::is_kept(trainer_.state(), own_samples(), session_.options(), epoch_steps()))
      kept[0] = 1;
  });
  session_.ranks().maximum(kept);
  return kept[0] != 0;
}

/// As a checkpoint without state: who answers needs no more.
void VariantTraining::keep_sample() {
  trainer_.clock().start();
  const train::TrainState& state = trainer_.state();
  write(SaveKind::periodic, fmt::format("the sampled model of step {}", state.step), [&] {
    train::CheckpointInfo info = info_;
    info.noise_precision = state.sampling->numbers.noise_precision;
    train::TrainState sample(state.parameters, nn::ParameterSet(nn::ParameterLayout()));
    static_cast<train::TrainProgress&>(sample) = state;
    const auto path = sample_path(folder_->path(), variant_, state.step);
    std::error_code ignored;  // saving will say it
    std::filesystem::create_directories(path.parent_path(), ignored);
    train::save_checkpoint(path, sample, info, session_.row_names());
    folder_->thin_samples(variant_, static_cast<std::size_t>(session_.options().keep_samples),
                          other_samples_);
  });
  trainer_.clock().end(train::Phase::save, state.step);
}

/// Models that were drawn before cannot be kept any more. Collective.
void VariantTraining::warn_of_few_samples() const {
  const RunOptions& options = session_.options();
  if (!trainer_.state().sampling || options.keep_samples == 0) return;
  comm::agree(session_.ranks(), [&] {
    if (folder_ == nullptr) return;
    const auto lack = lack_of_samples(trainer_.state(), own_samples().size(), options);
    if (!lack.empty()) session_.log().warn("{}: {}", variant_, lack);
  });
}

/// The test part only where there is nothing else to draw a curve of.
void VariantTraining::evaluate_epoch() {
  const bool has_validation = validator_.rows() > 0;
  (has_validation ? validation_ : test_) =
      evaluate(has_validation ? shards::Part::validation : shards::Part::test);
}

/// With a validation part, which has chosen the best model, the test part judges once.
void VariantTraining::evaluate_end() {
  if (validator_.rows() == 0 || tester_.rows() == 0) return;
  const train::TrainState& last = trainer_.state();
  test_ = evaluate(shards::Part::test);
  if (last.sampling || last.best_step == 0) return;
  if (last.best_step == last.step) {
    best_test_ = test_;
  } else if (const auto best = best_state()) {
    best_test_ = evaluate(tester_, best->model());
  }
}

/// That of the best epoch, on all ranks; nothing where its checkpoint cannot be had. Collective.
std::optional<train::TrainState> VariantTraining::best_state() const {
  train::TrainState best = session_.initial_state(network_, rules_);
  std::array<std::int64_t, 1> found{};
  comm::agree(session_.ranks(), [&] {
    if (folder_ != nullptr && load_best(best)) found[0] = 1;
  });
  session_.ranks().maximum(found);
  if (found[0] == 0) return std::nullopt;
  train::copy_to_all(session_.ranks(), best);
  return best;
}

/// 0 where that of the best step lies in another folder, in which nothing is removed.
std::uint64_t VariantTraining::best_step_here(std::uint64_t step) const {
  std::error_code ignored;
  const bool may_lie_elsewhere = !info_.origin.path.empty();
  if (may_lie_elsewhere &&
      !std::filesystem::exists(checkpoint_path(folder_->path(), variant_, step), ignored))
    return 0;
  return step;
}

bool VariantTraining::load_best(train::TrainState& best) const {
  const std::uint64_t step = trainer_.state().best_step;
  try {
    train::load_checkpoint(find_best(folder_->path(), {info_, trainer_.state()}).path, best);
    return true;
  } catch (const Error& refusal) {  // lost is one number of the result
    session_.log().warn("{}: the best model, of step {}, is not evaluated on the test part: {}",
                        variant_, step, refusal.what());
    return false;
  }
}

/// Returns whether a checkpoint is due.
bool VariantTraining::end_epoch(const train::EpochResult& epoch) {
  const RunOptions& options = session_.options();
  const bool is_first_sample = epoch.sampled && add_sample(*epoch.sampled);
  evaluate_epoch();
  training_seconds_ += epoch.seconds;
  if (forecast_) forecast_->end_epoch(training_seconds_);
  std::string evaluated;
  if (epoch.train.rows > 0) evaluated = fmt::format(" train RMSE {:.4f},", epoch.train.rmse());
  if (validation_.squared.rows > 0) {
    evaluated += fmt::format(" validation RMSE {:.4f},", validation_.rmse());
  } else if (test_.squared.rows > 0) {
    evaluated += fmt::format(" test RMSE {:.4f},", test_.rmse());
  }
  if (has_samples())
    evaluated += fmt::format(" mean of {} models,", trainer_.state().sampling->numbers.samples);
  session_.log().progress(fmt::format("{} epoch {}/{}:{} {:.3f} s, {:.2f} M ratings/s", variant_,
                                      epoch.epoch, options.epochs, evaluated, epoch.seconds,
                                      ratings_per_second(epoch) / 1e6));
  write(SaveKind::periodic, "the history", [&] {
    const HistoryRow row = history_row(epoch);
    events_.epoch(row, options.epochs);
    event_log_.epoch(row, trainer_.state().model());
    folder_->history().append(row);
  });
  // Of samples the mean is judged, which is no model.
  const bool is_best = validation_.squared.rows > 0 && !trainer_.state().sampling &&
                       trainer_.note_validation(validation_.rmse());
  return schedule_.is_due_after_epoch(epoch.epoch) || is_best || is_first_sample;
}

HistoryRow VariantTraining::history_row(const train::EpochResult& epoch) const {
  HistoryRow row{variant_, epoch.epoch, epoch.step, {}, {}, {}};
  if (epoch.train.rows > 0) row.train_rmse = epoch.train.rmse();
  if (validation_.squared.rows > 0) row.validation_rmse = validation_.rmse();
  if (test_.squared.rows > 0) row.test_rmse = test_.rmse();
  row.learning_rate = epoch.sampled ? epoch.sampled->step_size
                                    : session_.options().learning_rate * epoch.rate_factor;
  row.seconds = epoch.seconds;
  row.ratings_per_second = ratings_per_second(epoch);
  return row;
}

/// Collective. One that is needed is there on return; another one is written beside training.
void VariantTraining::save(SaveKind kind) {
  if (!trainer_.has_whole_state()) {
    trainer_.complete_state();
    require_equal_replicas();
  }
  trainer_.clock().start();
  wait_for_save();
  const train::TrainState& state = trainer_.state();
  if (state.sampling) complete_samples();
  if (kind == SaveKind::periodic && has_room_) {
    save_beside();
  } else {
    write(kind, checkpoint_name(state.step), [&] {
      write_checkpoint(state);
      events_.save(variant_, state.step, checkpoint_path(folder_->path(), variant_, state.step));
    });
  }
  schedule_.saved();
  trainer_.clock().end(train::Phase::save, state.step);
}

/// For a copy of the state, which a checkpoint is written from, on rank 0's node. Collective.
bool VariantTraining::has_room() const {
  comm::Communicator& ranks = session_.ranks();
  std::array<std::int64_t, 1> lacks_room{};
  if (ranks.rank() == 0 &&
      !has_node_memory(train::StateCopy::bytes(trainer_.state()), ranks.node_size())) {
    session_.log().warn(
        "{}: memory has no room for a second copy of the model: training waits while a checkpoint "
        "is written",
        variant_);
    lacks_room[0] = 1;
  }
  ranks.maximum(lacks_room);
  return lacks_room[0] == 0;
}

/// From a copy, on a thread of rank 0 that sends nothing. Collective.
void VariantTraining::save_beside() {
  comm::Communicator& ranks = session_.ranks();
  if (ranks.node() == 0) {
    if (!copy_) copy_.emplace(ranks, session_.team(), trainer_.state());
    copy_->take(trainer_.state());
  }
  is_saving_ = true;
  if (folder_ == nullptr) return;
  // Where no thread is to be had it is written when the next save, or the end, waits for it.
  saving_ = std::async(std::launch::async | std::launch::deferred,
                       [this] { write_checkpoint(copy_->state()); });
}

/// Reads nothing that training changes but `state`.
void VariantTraining::write_checkpoint(const train::TrainState& state) const {
  folder_->require_kept();
  train::save_checkpoint(checkpoint_path(folder_->path(), variant_, state.step), state, info_,
                         session_.row_names());
  folder_->note_saved(variant_);
  if (other_samples_ > 0) folder_->set_samples_aside(variant_, other_samples_);
  folder_->remove_old_checkpoints(variant_, state.step,
                                  static_cast<std::size_t>(session_.options().keep),
                                  best_step_here(state.best_step));
}

/// On rank 0: what has come of the save beside training, once it has ended.
void VariantTraining::note_saved() {
  if (!saving_.valid() || saving_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return;
  const std::uint64_t step = copy_->state().step;
  try {
    attempt(SaveKind::periodic, checkpoint_name(step), [&] {
      saving_.get();
      events_.save(variant_, step, checkpoint_path(folder_->path(), variant_, step));
    });
  } catch (...) {  // the other ranks have to know of it
    save_error_ = std::current_exception();
  }
}

/// Collective.
void VariantTraining::wait_for_save() {
  if (!std::exchange(is_saving_, false)) return;
  comm::agree(session_.ranks(), [&] {
    if (saving_.valid()) saving_.wait();
    note_saved();
    if (save_error_) std::rethrow_exception(std::exchange(save_error_, nullptr));
  });
}

/// Rank 0 saves those of all nodes. Collective.
void VariantTraining::complete_samples() {
  for (auto* sums : {&trainer_.sampling().validation, &trainer_.sampling().test}) {
    if (*sums) (*sums)->complete(session_.ranks());
  }
}

/// Rank 0 attempts `work`. Collective.
void VariantTraining::write(SaveKind kind, const std::string& what,
                            const std::function<void()>& work) {
  comm::agree(session_.ranks(), [&] {
    if (folder_ != nullptr) attempt(kind, what, work);
  });
}

/// What the device refuses is reported, and training goes on where it can.
void VariantTraining::attempt(SaveKind kind, const std::string& what,
                              const std::function<void()>& work) const {
  folder_->require_kept();
  try {
    work();
  } catch (const IoError& error) {
    folder_->require_kept();  // where not, that is the reason
    // Lost is only what a kill before the next save would lose: the files before are untouched.
    if (kind == SaveKind::needed || session_.options().on_save_error == "stop")
      throw IoError("{} of {} is not saved: {}. {}", what, variant_, error.what(),
                    trained_variants(folder_->path()).empty() && info_.origin.path.empty()
                        ? "Nothing was saved before"
                        : fmt::format("To go on from what is saved, {}", session_.way_on()));
    session_.log().warn("{} of {} is not saved, training goes on: {}", what, variant_,
                        error.what());
  }
}

void VariantTraining::print_errors() const {
  if (has_samples())
    session_.log().print(
        "  errors of the mean of {} sampled model{}{}:", trainer_.state().sampling->numbers.samples,
        plural(trainer_.state().sampling->numbers.samples),
        session_.scale() ? ", each prediction clipped" : "");
  if (trainer_.state().average)
    session_.log().print("  errors of the moving average of the weights (--ema {}):",
                         session_.options().ema);
  run::print_errors(session_, "validation rows", validation_);
  run::print_errors(session_, "test rows", test_);
  run::print_errors(
      session_, fmt::format("test rows, model of step {}", trainer_.state().best_step), best_test_);
  warn_if_worse(session_, variant_, shards::Part::validation, validation_);
  warn_if_worse(session_, variant_, shards::Part::test, test_);
}

void VariantTraining::add_to_trace() {
  const std::uint64_t left_out = trace_.add(session_.ranks(), variant_, trainer_.clock());
  if (left_out == 0) return;
  session_.log().warn("--trace: {} slices of {} at its end are left out, more than a file holds",
                      left_out, variant_);
}

/// Collective.
void VariantTraining::print_statistics(const std::optional<ForecastFigures>& forecast) const {
  print_steps(session_, trainer_);
  if (trainer_.statistics().exchanges == 0) return;
  Log& log = session_.log();
  if (forecast) log.print("{}", forecast_text(*forecast));
  if (validation_.squared.rows > 0 && std::isfinite(trainer_.state().best_rmse)) {
    log.print("  best validation RMSE {:.4f} at step {}", trainer_.state().best_rmse,
              trainer_.state().best_step);
  }
}

void VariantTraining::throw_stopped() const {
  const train::TrainState& state = trainer_.state();
  events_.end("stopped");
  session_.throw_stopped(fmt::format(": {} is saved at step {} ({} of {} epochs done)", variant_,
                                     state.step, state.epoch, session_.options().epochs));
}

}  // namespace nnrec::run
