#include "nnrec/app/dist_command.hpp"

#include <optional>

#include "nnrec/comm/agreement.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/plan_run.hpp"
#include "nnrec/run/preflight.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/run/train_run.hpp"
#include "nnrec/run/verify_run.hpp"

#include "dist_options.hpp"

namespace nnrec::app {

void dist_command(const std::vector<std::string>& arguments, comm::Communicator& ranks,
                  const StopSignals& signals, Log& log) {
  std::optional<run::RunOptions> options;
  comm::agree(ranks, [&] { options = parse_dist_options(arguments, log, ranks.library()); });
  // Ranks that went on with different options would wait for each other for ever, or diverge.
  comm::agree_on_text(ranks, ErrorKind::usage, "the command line or configuration",
                      options ? agreed_lines(*options) : "(help)");
  if (!options) return;
  if (options->quiet) log.be_quiet();
  const bool trains = !options->preflight && options->plan == "none" && options->verify.empty();
  if (trains && ranks.rank() == 0) log.await_file();
  // Other builds may give other bits: better known now than when the replicas differ.
  comm::agree_on_text(ranks, ErrorKind::usage, "the program", run::build_lines(ranks.library()));
  const run::OptionTexts texts = texts_of(*options);
  const run::Session session(*options, texts, ranks, signals, log);
  if (options->preflight) {
    run::preflight(session);
  } else if (options->plan != "none") {
    run::plan_run(session);
  } else if (trains) {
    run::train_run(session);
  } else {
    run::verify_run(session);
  }
}

}  // namespace nnrec::app
