#include "nnrec/app/dist_command.hpp"

#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stop_signals.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/run/run_folder.hpp"

#include "dist_options.hpp"
#include "dist_session.hpp"
#include "resume.hpp"
#include "variant_training.hpp"
#include "verify_run.hpp"

namespace nnrec::app {
namespace {

/// What rank 0 alone has.
struct Run {
  std::unique_ptr<run::RunFolder> folder;
  std::vector<StartPoint> starts;  ///< a variant each, in order
};

Run open_run(const DistSession& session) {
  const DistOptions& options = session.options();
  Run run;
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    const auto path =
        options.run.empty() ? run::default_run_folder() : std::filesystem::path(options.run);
    run.folder = std::make_unique<run::RunFolder>(path, session.log());
    run.folder->open_log(session.log());
    run.starts = find_starts(session, *run.folder);
    std::map<std::string, train::TrainProgress> points;
    for (const StartPoint& start : run.starts) points[start.variant] = start.progress;
    run.folder->open_run(options.to_config(), points, session.log());
    session.log().print("run folder {}", path.string());
  });
  return run;
}

void print_results(const std::vector<TrainedVariant>& results, Log& log) {
  for (const auto& result : results) {
    if (std::isnan(result.validation_rmse)) continue;  // no test rows, as the start says
    log.print("validation RMSE {} {:.4f}", result.variant, result.validation_rmse);
  }
  for (const auto& result : results) log.print("model digest {} {}", result.variant, result.digest);
}

void train_all(const DistSession& session) {
  const Run run = open_run(session);
  std::vector<TrainedVariant> results;
  for (const std::string& variant : session.options().variant_names()) {
    if (session.stop_is_asked()) {
      throw comm::AgreedError(ErrorKind::interrupted,
                              fmt::format("stopped as asked before {} began; {}", variant,
                                          how_to_go_on(session.options())));
    }
    const StartPoint* start = run.folder ? &run.starts[results.size()] : nullptr;
    results.push_back(VariantTraining(session, variant, start, run.folder.get()).run());
  }
  print_results(results, session.log());
}

}  // namespace

void dist_command(const std::vector<std::string>& arguments, comm::Communicator& ranks,
                  const StopSignals& signals, Log& log) {
  std::optional<DistOptions> options;
  comm::agree(ranks, [&] { options = parse_dist_options(arguments, log); });
  // Ranks that went on with different options would wait for each other for ever, or diverge.
  comm::agree_on_text(ranks, ErrorKind::usage, "the command line or configuration",
                      options ? options->agreed() : "(help)");
  if (!options) return;
  const DistSession session(*options, ranks, signals, log);
  if (options->verify.empty()) {
    train_all(session);
  } else {
    verify_run(session);
  }
}

}  // namespace nnrec::app
