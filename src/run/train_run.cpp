#include "nnrec/run/train_run.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "nnrec/comm/agreement.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/run_folder.hpp"

#include "places.hpp"
#include "resume.hpp"
#include "run_times.hpp"
#include "variant_training.hpp"

namespace nnrec::run {
namespace {

/// What a run's folder says of variants that ended.
struct FormerRecord {
  const char* file;
  std::string text{};  ///< empty: none
  std::optional<RunEnd> end{};
  std::string refusal{};  ///< why it cannot be read: damaged, or another program's
};

/// What rank 0 alone has.
struct Run {
  std::unique_ptr<RunFolder> folder;
  std::vector<StartPoint> starts;  ///< a variant each, in order
  JsonLog events;
  EventLog event_log;
  FormerRecord result{kResultFileName};  ///< of a run that had ended
  FormerRecord ended{kEndedFileName};    ///< of one that was stopped before all had

  std::array<FormerRecord*, 2> former() { return {&result, &ended}; }
};

/// Those of which nothing was trained: they had ended so before.
std::vector<std::string> repeated(const FormerRecord& former,
                                  const std::vector<TrainedVariant>& now) {
  std::vector<std::string> variants;
  for (const TrainedVariant& end : now) {
    const bool is_repeated = former.end && end.statistics.exchanges == 0 &&
                             std::ranges::any_of(former.end->variants, [&](const VariantEnd& then) {
                               return then.variant == end.variant &&
                                      then.model_digest == end.model_digest &&
                                      then.changes == end.changes;
                             });
    if (is_repeated) variants.push_back(end.variant);
  }
  return variants;
}

void read_former(const RunFolder& folder, FormerRecord& former) {
  try {
    former.end = read_result(folder.path(), former.file);
    if (former.end) former.text = io::read_text(folder.path() / former.file);
  } catch (const InputError& refusal) {
    former.refusal = refusal.what();
  }
}

/// The former record without the variants that are about to be trained; empty: none is left. One
/// that is only evaluated again keeps its record, whatever ends this job.
std::string remaining(const FormerRecord& former, const std::vector<StartPoint>& starts,
                      const RunOptions& options) {
  if (!former.end) return "";
  std::vector<std::string> left;
  for (const VariantEnd& end : former.end->variants) {
    const auto start = std::ranges::find(starts, end.variant, &StartPoint::variant);
    if (start == starts.end() || is_finished(start->progress, options)) left.push_back(end.variant);
  }
  if (left.size() == former.end->variants.size()) return former.text;
  return entries_of(former.text, left);
}

Run open_run(const Session& session, const Trace& trace) {
  const RunOptions& options = session.options();
  Run run;
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    require_places(options);
    run.folder = std::make_unique<RunFolder>(options.run, session.log());
    const auto& path = run.folder->path();
    run.folder->open_log(session.log());
    run.starts = find_starts(session, *run.folder);
    for (FormerRecord* former : run.former()) read_former(*run.folder, *former);
    std::map<std::string, train::TrainProgress> points;
    for (const StartPoint& start : run.starts) points[start.variant] = start.progress;
    // What may be refused comes before the folder changes.
    trace.require_place();
    if (!options.logdir.empty()) run.event_log = EventLog(options.logdir, session.log());
    if (!options.json_log.empty()) run.events = JsonLog(options.json_log, session.log());
    for (const FormerRecord* former : run.former()) {
      if (former->refusal.empty()) continue;
      session.log().warn("{}. It is set aside as {}; what it says of other variants is there alone",
                         former->refusal,
                         run.folder->set_record_aside(former->file).filename().string());
    }
    run.folder->open_run(
        session.saved_options(), points, session.log(),
        {remaining(run.result, run.starts, options), remaining(run.ended, run.starts, options)});
    if (options.training().sampling) {
      // Of a job that was killed right behind its first save.
      for (const StartPoint& start : run.starts)
        run.folder->set_samples_aside(start.variant, last_other_mean_step(start.saved.changes));
    }
    trace.begin();
    session.log().print("run folder {}", path.string());
    run.events.start({path.string(), session.variants(), options.epochs, session.ranks().size(),
                      session.team().size(), session.data_digest()});
  });
  return run;
}

/// Entries of other data cannot stand beside those of these.
void name_lost_entries(const FormerRecord& former, const Session& session) {
  if (!former.end || value_of(former.end->data, "digest") == session.data_digest()) return;
  for (const VariantEnd& end : former.end->variants) {
    if (std::ranges::find(session.variants(), end.variant) != session.variants().end()) continue;
    session.log().warn("{}: how {} ended was of other data, and is left out", former.file,
                       end.variant);
  }
}

/// With the record of how a variant was trained where it was only evaluated again.
std::string with_former(const std::string& result, const std::vector<TrainedVariant>& ends,
                        const FormerRecord& former) {
  return with_entries_of(result, former.text, repeated(former, ends));
}

/// A job that goes on behind a stop has the later variants' figures alone.
void write_ended(const Run& run, const std::vector<TrainedVariant>& ends, const Session& session) {
  try {
    run.folder->write_ended(with_former(result_text(session.result(ends)), ends, run.ended));
  } catch (const IoError& error) {
    if (session.options().on_save_error == "stop") throw;
    run.folder->require_kept();  // where not, that is the reason
    session.log().warn("{}; training goes on", error.what());
  }
}

/// Whether the best model, which could not be had at the former end, is judged now.
bool has_found_best(const FormerRecord& former, const std::vector<TrainedVariant>& ends) {
  return std::ranges::any_of(ends, [&](const TrainedVariant& end) {
    const auto then = std::ranges::find(former.end->variants, end.variant, &VariantEnd::variant);
    return end.best_test.squared.rows > 0 && !then->best_test;
  });
}

void write_result(Run& run, const std::vector<TrainedVariant>& ends, const Session& session) {
  const bool is_same =
      repeated(run.result, ends).size() == ends.size() && !has_found_best(run.result, ends);
  const std::string text =
      is_same ? run.result.text : with_former(result_text(session.result(ends)), ends, run.result);
  run.folder->write_result(with_former(text, ends, run.ended));
  for (const FormerRecord* former : run.former()) name_lost_entries(*former, session);
}

void print_results(const std::vector<TrainedVariant>& results, Log& log) {
  const auto print_rmse = [&](const char* what, train::Errors TrainedVariant::*errors) {
    for (const auto& result : results) {
      if ((result.*errors).squared.rows == 0) continue;
      log.print("{} {} {:.4f}", what, result.variant, (result.*errors).rmse());
    }
  };
  print_rmse("validation RMSE", &TrainedVariant::validation);
  print_rmse("test RMSE", &TrainedVariant::test);
  print_rmse("test RMSE of the best", &TrainedVariant::best_test);
  for (const auto& result : results)
    log.print("model digest {} {}", result.variant, result.model_digest);
}

}  // namespace

void train_run(const Session& session) {
  Trace trace(session.options().trace, session.ranks(), session.log());
  Run run = open_run(session, trace);
  std::vector<TrainedVariant> results;
  for (const std::string& variant : session.variants()) {
    if (session.stop_is_asked()) {
      run.events.end("stopped");
      session.throw_stopped(fmt::format(" before {} began", variant));
    }
    StartPoint* start = run.folder ? &run.starts[results.size()] : nullptr;
    comm::agree(session.ranks(), [&] {
      if (start == nullptr) return;
      run.folder->require_kept();  // no other place in it is opened then either
      renew(*start, session);
    });
    const std::size_t arrays = session.ranks().node_arrays();
    results.push_back(VariantTraining(session, variant, start, run.folder.get(),
                                      {trace, run.events, run.event_log})
                          .run());
    run.events.end(results.back());
    session.ranks().free_node_arrays(arrays);
    comm::agree(session.ranks(), [&] {
      const bool is_last = results.size() == session.variants().size();
      if (run.folder && !is_last) write_ended(run, results, session);
    });
  }
  print_results(results, session.log());
  comm::agree(session.ranks(), [&] {
    if (run.folder) write_result(run, results, session);
  });
  run.events.end("done");
}

}  // namespace nnrec::run
