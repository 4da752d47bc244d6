#include "nnrec/run/train_run.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "nnrec/comm/agreement.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/run_folder.hpp"

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

/// Whether nothing was trained: the run had ended so before.
bool is_repeated(const std::optional<RunEnd>& former, const std::vector<TrainedVariant>& now) {
  return former && std::ranges::equal(former->variants, now, [](const auto& then, const auto& end) {
           return then.variant == end.variant && then.model_digest == end.model_digest &&
                  then.changes == end.changes && end.statistics.exchanges == 0;
         });
}

/// Nothing where it is damaged, too: it is written anew.
std::optional<RunEnd> read_former(const std::filesystem::path& run) {
  try {
    return read_result(run);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

Run open_run(const Session& session) {
  const RunOptions& options = session.options();
  Run run;
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    run.folder = std::make_unique<RunFolder>(options.run, session.log());
    const auto& path = run.folder->path();
    run.folder->open_log(session.log());
    run.starts = find_starts(session, *run.folder);
    run.former_result = io::read_text(path / kResultFileName);
    run.former_end = read_former(path);
    std::map<std::string, train::TrainProgress> points;
    for (const StartPoint& start : run.starts) points[start.variant] = start.progress;
    run.folder->open_run(session.saved_options(), points, session.log());
    session.log().print("run folder {}", path.string());
    if (!options.logdir.empty()) run.event_log = EventLog(options.logdir, session.log());
    if (options.json_log.empty()) return;
    run.events = JsonLog(options.json_log, session.log());
    run.events.start({path.string(), session.variants(), options.epochs, session.ranks().size(),
                      session.team().size(), session.data_digest()});
  });
  return run;
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
  Run run = open_run(session);
  Trace trace(session.options().trace, session.ranks(), session.log());
  std::vector<TrainedVariant> results;
  for (const std::string& variant : session.variants()) {
    if (session.stop_is_asked()) {
      run.events.end("stopped");
      session.throw_stopped(fmt::format(" before {} began", variant));
    }
    const StartPoint* start = run.folder ? &run.starts[results.size()] : nullptr;
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
    // The record of how it was trained stays.
    run.folder->write_result(is_repeated(run.former_end, results)
                                 ? run.former_result
                                 : result_text(session.result(std::move(results))));
  });
  run.events.end("done");
}

}  // namespace nnrec::run
