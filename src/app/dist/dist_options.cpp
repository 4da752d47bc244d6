#include "dist_options.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/nn/optimizer.hpp"
#include "nnrec/run/save_schedule.hpp"

#include "app/options/command_line.hpp"
#include "app/options/violations.hpp"

namespace nnrec::app {
namespace po = boost::program_options;

namespace {

CommandLine make_command_line(DistOptions& options) {
  CommandLine line(
      "nnrec_dist",
      "Trains rating models data-parallel: the same bits on any number of ranks and threads.\n"
      "  mpirun -np 8 nnrec_dist --data data/default --variant all\n"
      "A run folder receives options.cfg, history.csv, log.txt and checkpoints. The same command\n"
      "goes on from the newest, to the bits of a run that was never stopped. TERM, INT or USR1 to\n"
      "any rank: all finish the step, save, and end with 75.\n"
      "Exit codes: 0 done, 1 the input, 2 usage, 3 the machine or another rank, 4 a bug,\n"
      "75 saved, run again.");
  std::string names;
  for (const auto& variant : models::variants()) {
    names += fmt::format("\n  {}: {}", variant.name, variant.summary);
  }
  const auto value = [](auto& target) { return po::value(&target)->default_value(target); };
  line.add()("data", value(options.data), "folder of the shard set that nnrec_prep wrote")(
      "variant", value(options.variant), ("all, or names with commas:" + names).c_str())(
      "preset", value(options.preset), "published: sizes, first weights and Adagrad as published")(
      "epochs", value(options.epochs), "passes over the training ratings")(
      "batch", value(options.batch), "ratings a step, over all ranks together")(
      "seed", value(options.seed), "of first weights, order and dropout")(
      "learning-rate", value(options.learning_rate), "of the optimiser")(
      "optimizer", value(options.optimizer), nn::optimizer_names().c_str())(
      "dropout", value(options.dropout), "rate behind the first hidden layer of complex")(
      "threads", value(options.threads), "a rank; 0: OMP_NUM_THREADS, else the cores it may use")(
      "memory-limit", value(options.memory_limit),
      "of a node, for ratings, as in 500MB or 2GiB: a set that is larger is read in windows, "
      "several times an epoch, to the same result; none: all ratings stay in memory")(
      "run", value(options.run), "folder for the results; default runs/<UTC time>")(
      "checkpoint-every", value(options.checkpoint_every),
      "50steps, 2epochs, 90s, 10min, 1h; also at the end and at a new best epoch")(
      "keep", value(options.keep), "newest checkpoints of a variant to keep; the best is kept too")(
      "on-save-error", value(options.on_save_error),
      "continue or stop, when a checkpoint or a row of the history cannot be written")(
      "resume", value(options.resume),
      "auto: from the newest valid checkpoint in --run; never; or the path of a checkpoint")(
      "allow-changes", po::bool_switch(&options.allow_changes),
      "go on with other options or data than the checkpoint's, and record it")(
      "verify", value(options.verify),
      "run folder: replay the last stretch between two checkpoints and compare all bits");
  line.allow_config();
  return line;
}

}  // namespace

std::vector<std::string> DistOptions::variant_names() const {
  std::vector<std::string> names;
  if (variant == "all") {
    for (const auto& known : models::variants()) names.emplace_back(known.name);
    return names;
  }
  for (std::size_t begin = 0; begin <= variant.size();) {
    const std::size_t end = std::min(variant.find(',', begin), variant.size());
    names.push_back(variant.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

void DistOptions::validate() const {
  Violations violations("nnrec_dist");
  const auto require = [&](bool holds, const std::string& text) {
    violations.require(holds, text);
  };
  std::set<std::string> seen;
  for (const auto& name : variant_names()) {
    require(seen.insert(name).second, fmt::format("--variant names {} twice", name));
    violations.require_no_throw([&] { models::find_variant(name); });
  }
  require(preset == "published", fmt::format("--preset {} is not published", preset));
  require(epochs >= 1, fmt::format("--epochs {} is not at least 1", epochs));
  require(batch >= 1 && batch <= std::int64_t{1} << 26,
          fmt::format("--batch {} is not in 1..{}", batch, std::int64_t{1} << 26));
  require(seed >= 0, fmt::format("--seed {} is negative", seed));
  require(threads >= 0 && threads <= 4096, fmt::format("--threads {} is not in 0..4096", threads));
  require(learning_rate > 0 && learning_rate <= 1e30,
          fmt::format("--learning-rate {} is not above 0 and at most 1e30", learning_rate));
  require(dropout >= 0 && dropout <= 0.999,
          fmt::format("--dropout {} is not in 0..0.999", dropout));
  violations.require_no_throw([&] { nn::make_optimizer(optimizer); });
  violations.require_no_throw([&] { run::parse_save_interval(checkpoint_every); });
  require(keep >= 1, fmt::format("--keep {} is not at least 1", keep));
  require(on_save_error == "continue" || on_save_error == "stop",
          fmt::format("--on-save-error {} is not continue or stop", on_save_error));
  require(!resume.empty(), "--resume is not auto, never or a path");
  require(data.find_first_of("#\n") == std::string::npos,
          fmt::format("--data {} has a # or a line end, which options.cfg cannot hold: rename the "
                      "folder, or give a link to it",
                      data));
  require(memory_limit.empty() || parse_byte_size(memory_limit).value_or(0) > 0,
          fmt::format("--memory-limit {} is not a size above 0 like 800000000, 500MB or 2GiB",
                      memory_limit));
  violations.throw_if_any();
}

std::uint64_t DistOptions::memory_limit_bytes() const {
  return parse_byte_size(memory_limit).value_or(0);
}

namespace {

std::string dropout_line(const DistOptions& options) {
  return fmt::format("dropout = {}\n", options.dropout);
}

/// What decides the bits of every variant.
std::string common_lines(const DistOptions& options) {
  return fmt::format("preset = {}\nbatch = {}\nseed = {}\noptimizer = {}\nlearning-rate = {}\n",
                     options.preset, options.batch, options.seed, options.optimizer,
                     options.learning_rate);
}

}  // namespace

std::string DistOptions::deciding(const models::Network& network) const {
  return common_lines(*this) + (network.has_dropout() ? dropout_line(*this) : "");
}

std::string DistOptions::to_config() const {
  return fmt::format(
      "data = {}\nvariant = {}\nepochs = {}\n{}checkpoint-every = {}\nkeep = {}\n"
      "on-save-error = {}\n",
      data, variant, epochs, common_lines(*this) + dropout_line(*this), checkpoint_every, keep,
      on_save_error);
}

std::string DistOptions::agreed() const {
  return fmt::format(
      "variant = {}\nepochs = {}\n{}checkpoint-every = {}\nkeep = {}\non-save-error = {}\n"
      "resume = {}\nallow-changes = {}\nverify = {}\nmemory-limit = {}",
      variant, epochs, common_lines(*this) + dropout_line(*this), checkpoint_every, keep,
      on_save_error, resume, allow_changes, !verify.empty(), memory_limit);
}

std::string how_to_go_on(const DistOptions& options) {
  return options.resume == "never"
             ? "run it again with this --run folder and --resume auto to go on"
             : "run the same command with this --run folder to go on";
}

namespace {

/// The options.cfg of the run that --verify names.
std::string config_of_run(const std::string& run, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--config" || argument.starts_with("--config=")) {
      throw UsageError("--verify {} reads the run's own options.cfg: leave --config out", run);
    }
  }
  const auto path = std::filesystem::path(run) / "options.cfg";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw UsageError("--verify {}: is not the folder of a run: it has no options.cfg", run);
  }
  return path.string();
}

}  // namespace

std::optional<DistOptions> parse_dist_options(const std::vector<std::string>& arguments, Log& log) {
  DistOptions options;
  if (!make_command_line(options).parse(arguments, log)) return std::nullopt;
  if (!options.verify.empty()) {
    // What was in force is what is replayed; what the command line says wins.
    auto with_config = arguments;
    with_config.insert(with_config.end(), {"--config", config_of_run(options.verify, arguments)});
    options = {};
    make_command_line(options).parse(with_config, log);
  }
  options.validate();
  return options;
}

}  // namespace nnrec::app
