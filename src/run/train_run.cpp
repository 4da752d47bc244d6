#include "nnrec/run/train_run.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
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

/// What rank 0 alone has.
struct Run {
  std::unique_ptr<RunFolder> folder;
  std::vector<StartPoint> starts;  ///< a variant each, in order
  JsonLog events;
  EventLog event_log;
  std::string former_result;         ///< the text of result.json, where the run had ended
  std::optional<RunEnd> former_end;  ///< that, read
};

/// Those of which nothing was trained: they had ended so before.
std::vector<std::string> repeated(const std::optional<RunEnd>& former,
                                  const std::vector<TrainedVariant>& now) {
  std::vector<std::string> variants;
  for (const TrainedVariant& end : now) {
    const bool is_repeated = former && end.statistics.exchanges == 0 &&
                             std::ranges::any_of(former->variants, [&](const VariantEnd& then) {
                               return then.variant == end.variant &&
                                      then.model_digest == end.model_digest &&
                                      then.changes == end.changes;
                             });
    if (is_repeated) variants.push_back(end.variant);
  }
  return variants;
}

/// The result of a run that had ended. Returns why it cannot be read where it is damaged, or
/// another program's; else nothing.
std::string read_former(Run& run) {
  const auto& path = run.folder->path();
  try {
    run.former_end = read_result(path);
    if (run.former_end) run.former_result = io::read_text(path / kResultFileName);
    return "";
  } catch (const InputError& refusal) {
    return refusal.what();
  }
}

/// The former result without the variants that are about to be trained; empty: none is left. One
/// that is only evaluated again keeps its record, whatever ends this job.
std::string remaining_result(const Run& run, const RunOptions& options) {
  if (!run.former_end) return "";
  std::vector<std::string> left;
  for (const VariantEnd& end : run.former_end->variants) {
    const auto start = std::ranges::find(run.starts, end.variant, &StartPoint::variant);
    if (start == run.starts.end() || is_finished(start->progress, options))
      left.push_back(end.variant);
  }
  if (left.size() == run.former_end->variants.size()) return run.former_result;
  return entries_of(run.former_result, left);
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
    const std::string refusal = read_former(run);
    std::map<std::string, train::TrainProgress> points;
    for (const StartPoint& start : run.starts) points[start.variant] = start.progress;
    // What may be refused comes before the folder changes.
    trace.require_place();
    if (!options.logdir.empty()) run.event_log = EventLog(options.logdir, session.log());
    if (!options.json_log.empty()) run.events = JsonLog(options.json_log, session.log());
    if (!refusal.empty()) {
      session.log().warn("{}. It is set aside as {}; what it says of other variants is there alone",
                         refusal, run.folder->set_result_aside().filename().string());
    }
    run.folder->open_run(session.saved_options(), points, session.log(),
                         remaining_result(run, options));
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
void name_lost_entries(const std::optional<RunEnd>& former, const Session& session) {
  if (!former || value_of(former->data, "digest") == session.data_digest()) return;
  for (const VariantEnd& end : former->variants) {
    if (std::ranges::find(session.variants(), end.variant) != session.variants().end()) continue;
    session.log().warn("{}: how {} ended was of other data, and is left out", kResultFileName,
                       end.variant);
  }
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
  }
  print_results(results, session.log());
  comm::agree(session.ranks(), [&] {
    if (!run.folder) return;
    // The record of how a variant was trained stays.
    const auto same = repeated(run.former_end, results);
    const bool is_same = same.size() == results.size();
    run.folder->write_result(is_same
                                 ? run.former_result
                                 : with_entries_of(result_text(session.result(std::move(results))),
                                                   run.former_result, same));
    name_lost_entries(run.former_end, session);
  });
  run.events.end("done");
}

}  // namespace nnrec::run
