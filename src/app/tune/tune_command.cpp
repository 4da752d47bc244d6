#include "nnrec/app/tune_command.hpp"

#include <algorithm>
#include <filesystem>

#include "nnrec/app/dist_command.hpp"
#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder.hpp"
#include "nnrec/shards/shard_set.hpp"

#include "app/output/gnuplot.hpp"
#include "trial_chart.hpp"
#include "trial_tables.hpp"
#include "tune_options.hpp"

namespace nnrec::app {
namespace {

namespace fs = std::filesystem;

void check_data(const std::string& data, const Tuning& tuning) {
  const auto set = shards::ShardSet::open(data);
  if (set.manifest().rows(shards::Part::validation) == 0) {
    throw InputError(
        "{}: has no validation part, which alone decides in a tuning. Prepare it with nnrec_prep "
        "--validation 0.1",
        data);
  }
  const std::string digest = tuning.data_digest();
  if (!digest.empty() && digest != set.manifest().digest) {
    throw InputError(
        "{}: is not the data set that trials were trained on so far (digest {:.16}, theirs "
        "{:.16}), so that errors would not compare. Prepare it as it was, or begin in another "
        "folder",
        data, set.manifest().digest, digest);
  }
}

/// What nnrec_dist would refuse of any trial, without the data, is said before the first is
/// trained.
void check_trials(const Tuning& tuning) {
  for (std::size_t trial = 0; trial <= tuning.plan().halving.trials; ++trial) {
    const std::string options = tuning.options_of(trial);
    try {
      for (const std::uint64_t epochs : tuning.plan().halving.epochs)
        check_dist_options({fmt::format("--epochs={}", epochs)}, options);
    } catch (const UsageError& refusal) {
      const auto drawn = tuning.draw_of(trial).options;
      throw UsageError(
          "{}, {}: {}", Tuning::trial_name(trial),
          drawn.empty() ? "what --fixed says" : fmt::format("with {}", fmt::join(drawn, ", ")),
          refusal.what());
    }
  }
}

/// Makes the folder, or extends what is there.
void begin(const TuneOptions& options, const Tuning& tuning, Log& log) {
  check_data(options.data, tuning);
  check_trials(tuning);
  io::make_folder(options.folder);
  tuning.write_trials();
  // Last: who reads it finds the trials.
  io::write_text_atomically(fs::path(options.folder) / kTuningFileName, tuning_lines(options));
  const Halving& halving = tuning.plan().halving;
  std::string rungs;
  const auto sizes = rung_sizes(halving);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    rungs +=
        fmt::format("{}{} trials to {} epochs", i == 0 ? "" : ", ", sizes[i], halving.epochs[i]);
  log.print("{}: {} options drawn, as given among the trials; {}", options.folder,
            tuning.plan().space.places().size(), rungs);
}

bool has_drawn_one(const Rung& first) {
  return std::ranges::any_of(first,
                             [](const TrialEnd& end) { return end.trial != 0 && end.has_error(); });
}

void print_table(const TuneOptions& options, const Tuning& tuning, Log& log) {
  const auto rungs = tuning.rungs();
  log.lines(trials_table(tuning.plan(), rungs));
  if (!has_drawn_one(rungs.front())) return;
  const auto effects = effects_of(tuning.plan(), rungs.front());
  if (!effects.empty()) {
    log.line("");
    log.lines(effects_table(tuning.plan(), effects));
  }
  try {
    draw_trials(tuning.plan(), rungs, fs::path(options.folder) / "trials.svg");
  } catch (const GnuplotMissing& missing) {  // the table is whole without
    log.warn("{}", missing.what());
  }
}

}  // namespace

void tune_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_tune_options(arguments, log);
  if (!options) return;
  const Tuning tuning(options->folder, options->plan());
  if (options->next) return log.lines(tuning.tasks());
  if (options->table) return print_table(*options, tuning, log);
  begin(*options, tuning, log);
}

}  // namespace nnrec::app
