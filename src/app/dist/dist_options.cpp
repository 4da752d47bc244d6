#include "dist_options.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "nnrec/app/dist_command.hpp"
#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/plan_run.hpp"
#include "nnrec/run/save_schedule.hpp"

#include "app/options/option_table.hpp"
#include "presets.hpp"

namespace nnrec::app {
namespace {

using run::RunOptions;

std::string variant_help() {
  std::string help = "all, or names with commas:";
  for (const auto& variant : models::variants())
    help += fmt::format("\n  {}: {}", variant.name, variant.summary);
  return help;
}

void check_variants(const std::string& name, const std::string& value, Violations& violations) {
  RunOptions options;
  options.variant = value;
  std::set<std::string> seen;
  for (const std::string& variant : options.variant_names()) {
    violations.require(seen.insert(variant).second,
                       fmt::format("--{} names {} twice", name, variant));
    violations.require_no_throw(fmt::format("--{} ", name), [&] { models::find_variant(variant); });
  }
}

void check_memory_limit(const std::string& name, const std::string& value, Violations& violations) {
  violations.require(
      value.empty() || parse_byte_size(value).value_or(0) > 0,
      fmt::format("--{} {} is not a size above 0 like 800000000, 500MB or 2GiB", name, value));
}

/// The shape is completed by --epochs, whose own rule names it when it is wrong.
void check_rate_schedule(const std::string& name, const std::string& value,
                         Violations& violations) {
  violations.require_no_throw("--" + name + " ", [&] { nn::RateSchedule(value, {}, 1); });
}

using Meaning = std::optional<std::string>;

Meaning optimizer_of(const RunOptions& options, const models::Network&) {
  return nn::make_optimizer(options.optimizer).text();
}

Meaning groups_of(const RunOptions& options, const models::Network& network) {
  const nn::UpdateRules rules(network.layout(), options.updates());
  const auto groups = rules.groups_in_force();
  return groups.empty() ? "none" : fmt::format("{}", fmt::join(groups, "; "));
}

Meaning rate_schedule_of(const RunOptions& options, const models::Network&) {
  return options.training().schedule.text();
}

/// 1epoch is 1.0epochs.
Meaning warm_up_of(const RunOptions& options, const models::Network&) {
  const nn::WarmUp warm_up = nn::parse_warm_up(options.warm_up);
  if (warm_up.updates > 0) return text_of(warm_up.updates) + "steps";
  return warm_up.epochs > 0 ? text_of(warm_up.epochs) + "epochs" : "none";
}

Meaning hidden_of(const RunOptions&, const models::Network& network) {
  const auto sizes = models::hidden_sizes(network);
  return sizes.empty() ? Meaning() : fmt::format("{}", fmt::join(sizes, ","));
}

/// The rates that fall on a layer, as shortly as they can be given.
Meaning dropout_of(const RunOptions& options, const models::Network& network) {
  if (!network.has_dropout()) return Meaning();
  std::vector<float> rates = run::parse_dropout(options.dropout);
  rates.resize(std::min(rates.size(), models::hidden_sizes(network).size() + 1));
  while (rates.size() > 2 && rates.back() == 0) rates.pop_back();
  if (rates.size() == 2 && rates.front() == 0) rates.erase(rates.begin());
  return fmt::format("{}", fmt::join(rates, ","));
}

/// Those in force: of the wanted ones, what the data set has.
Meaning features_of(const RunOptions&, const models::Network& network) {
  const features::ExtraSet extras = models::extras_of(network);
  return extras.empty() ? Meaning() : features::text_of(extras);
}

std::string features_help() {
  std::string names;
  for (const features::ExtraName& one : features::kExtraNames)
    names += fmt::format(", {}", one.name);
  return "what a variant reads of a rating beside user and title, each with a bias, instead of "
         "what "
         "is published: none, all or some of" +
         names.substr(1) + "; what the data set lacks is left out and named";
}

void check_features(const std::string& name, const std::string& value, Violations& violations) {
  if (value == "published") return;
  violations.require_no_throw("--" + name + " ", [&] { features::parse_extras(value); });
}

Meaning biases_of(const RunOptions& options, const models::Network&) {
  return options.biases == "yes" ? Meaning("yes") : Meaning();
}

Meaning dot_of(const RunOptions& options, const models::Network& network) {
  const bool has = options.dot == "yes" && !models::hidden_sizes(network).empty();
  return has ? Meaning("yes") : Meaning();
}

/// With the levels, which who reads the model must know.
Meaning likelihood_of(const RunOptions&, const models::Network& network) {
  if (!network.ordinal()) return Meaning();
  return "ordinal:" + nn::text_of_levels(network.ordinal()->levels());
}

/// Shuffled it decides what it always did.
Meaning order_of(const RunOptions& options, const models::Network&) {
  return options.order == "shuffle" ? Meaning() : Meaning(options.order);
}

/// As published they decide what they always did.
Meaning first_weights_of(const RunOptions& options, const models::Network&) {
  const std::string text = options.first().text();
  return text == RunOptions{}.first().text() ? Meaning() : Meaning(text);
}

/// In all their bits sums are what they always were.
Meaning exchange_bits_of(const RunOptions& options, const models::Network&) {
  return options.exchange_bits == "64" ? Meaning() : Meaning(options.exchange_bits);
}

Meaning sampler_of(const RunOptions& options, const models::Network&) {
  const auto sampling = train::parse_sampling(options.sampler);
  return sampling ? Meaning(sampling->text) : Meaning();
}

Meaning ema_of(const RunOptions& options, const models::Network&) {
  return options.ema == 0 ? Meaning() : Meaning(text_of(options.ema));
}

/// Of a size that only networks with this block have.
auto if_it_has(const std::string& block, std::int64_t RunOptions::*size) {
  return [=](const RunOptions& options, const models::Network& network) {
    const auto& blocks = network.layout().blocks();
    const bool has = std::ranges::find(blocks, block, &nn::Block::name) != blocks.end();
    return has ? Meaning(text_of(options.*size)) : Meaning();
  };
}

/// The data are agreed on by what is in them: their folder may differ by node. What belongs to one
/// job only is not saved.
const OptionTable<RunOptions>& option_table() {
  using O = RunOptions;
  static const OptionTable<RunOptions> kTable{
      {"data", &O::data, any_value(), kSaved, "folder of the shard set that nnrec_prep wrote"},
      {"variant", &O::variant, check_variants, kAgreed | kSaved, variant_help()},
      {"preset", &O::preset, one_of(preset_names()), kDecides, describe_presets()},
      {"epochs", &O::epochs, at_least(1), kAgreed | kSaved, "passes over the training ratings"},
      {"patience", &O::patience, at_least(0), kAgreed | kSaved,
       "epochs in a row without a lower validation RMSE that end training early; 0: never"},
      {"batch", &O::batch, in_range(1, 1 << 26), kDecides,
       "ratings that are summed at a time, over all ranks together"},
      {"accumulate", &O::accumulate, in_range(1, 65536), kDecides,
       "batches whose sums make one step; the last step of an epoch may have fewer"},
      {"seed", &O::seed, at_least(0), kDecides, "of first weights, order and dropout"},
      {"order", &O::order, one_of({"shuffle", "blocks"}), kDecides,
       "in which an epoch visits the ratings. shuffle: all of them permuted; blocks: blocks of "
       "65,536 as the shards have them are permuted, then the ratings of 16 blocks at a time, so "
       "that under --memory-limit an epoch reads the set little more than once",
       order_of},
      {"learning-rate", &O::learning_rate, in_range(1e-30, 1e30), kDecides, "of the optimiser"},
      {"rate-schedule", &O::rate_schedule, check_rate_schedule, kDecides,
       "what the rate is multiplied by, in epochs: constant; step:every=10,factor=0.1; "
       "linear:over=20,end=0; cosine:over=20,end=0 (over: --epochs where it is not given)",
       rate_schedule_of},
      {"warm-up", &O::warm_up, read_by(nn::parse_warm_up), kDecides,
       "stretch over which the rate rises to its size: none, 500steps, 0.5epochs", warm_up_of},
      {"optimizer", &O::optimizer,
       read_by([](const std::string& text) { nn::make_optimizer(text); }), kDecides,
       "NAME or NAME:setting=value,... of" + nn::describe_optimizers(), optimizer_of},
      {"group", &O::groups, any_value(), kDecides,
       "BLOCKS:setting=value,... gives tables, biases, dense, or blocks by name (user*) settings "
       "of their own: optimizer, its settings, rate or rate_factor, l2 (l2 w is added to the "
       "gradient), row_penalty and count_penalty (the loss gets (row_penalty + count_penalty x "
       "look-ups) |row|^2 / ratings), rows=all (those that a step does not touch move too); to be "
       "repeated, the last that holds a block wins",
       groups_of},
      {"clip-norm", &O::clip_norm, in_range(0.0, 1e30), kDecides,
       "longest mean gradient of a step, over all blocks as one vector; 0: any"},
      {"ema", &O::ema, in_range(0.0, 0.999999), kDecides,
       "decay a step of an exponential moving average of the weights, which is what is evaluated, "
       "chosen as best and answers; it costs a pass over the whole model a step; 0: none",
       ema_of},
      {"embedding-dim", &O::embedding_dim, in_range(1, run::kMostUnits), kDecides,
       "numbers a row of an embedding"},
      {"hidden", &O::hidden, read_by(run::parse_hidden), kDecides,
       "units of each hidden layer, as in 64,16; published: 64, of complex 64,16", hidden_of},
      {"age-units", &O::age_units, in_range(1, run::kMostUnits), kDecides,
       "of complex, made of the age", if_it_has("age.weight", &O::age_units)},
      {"genre-units", &O::genre_units, in_range(1, run::kMostUnits), kDecides,
       "of complex, made of each genre", if_it_has("genre_dense.weight", &O::genre_units)},
      {"dropout", &O::dropout, read_by(run::parse_dropout), kDecides,
       "rate behind the first hidden layer; or, as in 0.2,0.5, on the inputs of the dense layers",
       dropout_of},
      {"features", &O::features, check_features, kDecides, features_help(), features_of},
      {"biases", &O::biases, one_of({"yes", "no"}), kDecides,
       "yes: rating = training mean + user bias + title bias + the variant's", biases_of},
      {"dot", &O::dot, one_of({"yes", "no"}), kDecides,
       "yes: hidden layers have dot(user, title) beside them", dot_of},
      {"likelihood", &O::likelihood, one_of({"gaussian", "ordinal"}), kDecides,
       "of a rating, given the model: gaussian: squared errors around it; ordinal: "
       "P(rating > level c) = logistic(s (model - cut c)) between the levels of the training "
       "ratings, 2 to 32, with s and cuts learnt (block ordinal, Adam at 0.003 where no --group "
       "says else); the rating is the expected one",
       likelihood_of},
      {"first-weights", &O::first_weights,
       read_by([](const std::string& text) { nn::FirstWeights(0, text); }), kDecides,
       "of rows: uniform:limit=0.05 as published, or normal:scale=0.5 (deviation: scale / "
       "sqrt(embedding-dim)); dense weights are Glorot uniform",
       first_weights_of},
      {"sampler", &O::sampler, read_by(train::parse_sampling), kDecides,
       "sgld:step=0.16,warm_up=8,burn_in=100,...: after so many epochs by the optimiser, models "
       "are "
       "drawn from their posterior by Langevin steps, and what is evaluated is the mean of the "
       "predictions of each epoch's last from burn_in on; none",
       sampler_of},
      {"keep-samples", &O::keep_samples, at_least(0), kAgreed | kSaved,
       "of --sampler: so many of the averaged models, evenly spread over the epochs, are kept in "
       "the run's folder; nnrec_predict and nnrec_eval answer with their mean"},
      {"threads", &O::threads, in_range(0, math::kMostThreads), kOwn,
       "a rank; 0: OMP_NUM_THREADS, else its share of the cores that the node's ranks may use"},
      {"kernels", &O::kernels, one_of({"auto", "avx512", "avx2", "neon", "reference"}), kOwn,
       "instructions of the hot loops, which decide no bit; auto: NNREC_KERNELS, else the "
       "processor's fastest"},
      {"memory-limit", &O::memory_limit, check_memory_limit, kAgreed,
       "of a node, for ratings, as in 500MB or 2GiB: a set that is larger is read in windows, "
       "several times an epoch, to the same result; none: all ratings stay in memory"},
      {"run", &O::run, any_value(), kAgreed, "folder for the results; default runs/<UTC time>"},
      {"checkpoint-every", &O::checkpoint_every, read_by(run::parse_save_interval),
       kAgreed | kSaved,
       "50steps, 2epochs, 90s, 10min, 1h; also at the end and at a new best epoch"},
      {"keep", &O::keep, at_least(1), kAgreed | kSaved,
       "newest checkpoints of a variant to keep; the best is kept too"},
      {"on-save-error", &O::on_save_error, one_of({"continue", "stop"}), kAgreed | kSaved,
       "continue or stop, when a checkpoint or a row of the history cannot be written"},
      {"resume", &O::resume, not_empty("auto, never or a path"), kAgreed,
       "auto: from the newest valid checkpoint in --run; never; or the path of a checkpoint"},
      {"allow-changes", &O::allow_changes, any_value(), kAgreed,
       "go on with other options, data or build than the checkpoint's, and record it"},
      {"warm-start", &O::warm_start, any_value(), kAgreed,
       "folder of another run (its best or last model), or a checkpoint: begin with its weights, "
       "on "
       "other data too: who is known there keeps the own row, who is new gets a fresh one; "
       "optimiser, epochs and steps begin anew"},
      {"quiet", &O::quiet, any_value(), kOwn,
       "print warnings and errors alone; log.txt in the run's folder has all"},
      {"json-log", &O::json_log, any_value(), kAgreed,
       "file that gets a JSON object a line: start, each epoch, each save, end"},
      {"logdir", &O::logdir, any_value(), kAgreed,
       "folder that gets event files for TensorBoard, of each variant in a folder of its own: "
       "RMSE, "
       "learning rate and ratings/s of each epoch, and how long the rows of tables are"},
      {"exchange", &O::exchange, one_of({"auto", "reduce", "owner"}), kAgreed,
       "between nodes, to the same bits. reduce: one sum of all rows that a batch touches; owner: "
       "each row has a node that keeps it, which gets sums and gives values of the rows that other "
       "nodes look up; auto: the faster by the network's measured latency and bandwidth"},
      {"exchange-bits", &O::exchange_bits, one_of({"64", "32"}), kDecides,
       "of the sums of tables' rows between nodes. 32: what is added is rounded to 1 / 32,768 of "
       "the largest that the table was given in the step before, or finer, on one node too; other "
       "bits than 64, and fewer to send",
       exchange_bits_of},
      {"stall-timeout", &O::stall_timeout, read_by(run::parse_stall_timeout), kAgreed,
       "90s, 10min, 1h: when for so long no rank has ended a phase of a step, a warning names "
       "rank, step and phase; never: no watch"},
      {"trace", &O::trace, any_value(), kAgreed,
       "file: what every rank did when, as Perfetto (ui.perfetto.dev) and chrome://tracing show "
       "it; a command that goes on begins it anew"},
      {"preflight", &O::preflight, any_value(), kAgreed,
       "instead of training, say what a run would find: ranks, threads, memory, shared memory and "
       "disk beside what it needs; exit code 3 when something would stop it"},
      {"plan", &O::plan, read_by(run::parse_node_counts), kAgreed,
       "1,2,4,... or none: instead of training, forecast steps, ratings/s, messages and memory on "
       "so many "
       "nodes, by what steps cost here"},
      {"network", &O::network, read_by(run::parse_network), kAgreed,
       "of --plan: latency and bandwidth, as in 10us,12.5GB/s; measured: between this job's nodes"},
      {"ranks-per-node", &O::ranks_per_node, in_range(0, 4096), kAgreed,
       "of --plan; 0: as many as this job has on a node"},
      {"verify", &O::verify, any_value(), kAgreed,
       "run folder: replay the last stretch between two checkpoints and compare all bits; of "
       "--sampler all but the sums of predictions"},
  };
  return kTable;
}

CommandLine make_command_line(RunOptions& options) {
  CommandLine line(
      "nnrec_dist",
      "Trains rating models data-parallel: the same bits on any number of ranks and threads.\n"
      "  mpirun --oversubscribe -np 8 nnrec_dist --data data/default --variant all\n"
      "A run folder receives options.cfg, history.csv, log.txt and checkpoints. The same command\n"
      "goes on from the newest, to the bits of a run that was never stopped. TERM, INT, USR1,\n"
      "HUP or XCPU to any rank: all finish the step, save, and end with 75.\n"
      "Exit codes: 0 done, 1 the input, 2 usage, 3 the machine or another rank, 4 a bug,\n"
      "75 saved, run again.");
  option_table().declare(line, options);
  line.allow_config(&options.config);
  return line;
}

}  // namespace

run::OptionTexts texts_of(const RunOptions& options) {
  return {option_table().lines(options, kSaved), [&options](const models::Network& network) {
            return option_table().deciding(options, network);
          }};
}

std::string agreed_lines(const RunOptions& options) {
  return option_table().lines(options, kAgreed);
}

namespace {

/// What does not go together with --sampler.
void check_sampler(const RunOptions& options, Violations& violations) {
  std::optional<train::SamplingOptions> sampling;
  try {
    sampling = train::parse_sampling(options.sampler);
  } catch (const UsageError&) {
    return;  // named by its own rule
  }
  if (!sampling) {
    violations.require(options.keep_samples == 0,
                       "--keep-samples is of --sampler, which is not given");
    return;
  }
  violations.require(
      options.dropout.find_first_not_of("0.,") == std::string::npos,
      fmt::format("--dropout {}: --sampler draws whole models; --dropout 0", options.dropout));
  violations.require(options.clip_norm == 0,
                     "--clip-norm would bend what --sampler draws from: leave it out");
  violations.require(options.patience == 0,
                     "--patience is of one model: --sampler averages them, for --epochs");
  violations.require(options.ema == 0,
                     "--ema is of one model: --sampler averages the predictions of many");
  const auto epochs = static_cast<std::uint64_t>(std::max<std::int64_t>(options.epochs, 0));
  violations.require(sampling->burn_in < epochs,
                     fmt::format("--sampler burn_in = {}: with --epochs {} no model would be "
                                 "averaged",
                                 sampling->burn_in, options.epochs));
  violations.require(epochs < sampling->burn_in + train::PredictionSums::kMostSamples,
                     fmt::format("--epochs {}: --sampler averages at most {} models",
                                 options.epochs, train::PredictionSums::kMostSamples - 1));
}

/// Each is a file of its own.
void check_files(const RunOptions& options, Violations& violations) {
  for (const auto& [name, file] :
       {std::pair("trace", options.trace), std::pair("json-log", options.json_log)}) {
    violations.require(file != "-",
                       fmt::format("--{} -: give a file; standard output has the log", name));
  }
  violations.require(
      options.trace.empty() || options.trace != options.json_log,
      fmt::format("--trace and --json-log name one file, {}: give two", options.trace));
}

void validate(const RunOptions& options) {
  Violations violations("nnrec_dist");
  option_table().check(options, violations);
  const bool plans = options.plan != "none";
  violations.require(
      (options.preflight ? 1 : 0) + (plans ? 1 : 0) + (options.verify.empty() ? 0 : 1) <= 1,
      "--preflight, --plan and --verify each take the place of training: give one");
  const RunOptions defaults;
  const bool describes_cluster =
      options.network != defaults.network || options.ranks_per_node != defaults.ranks_per_node;
  violations.require(plans || !describes_cluster,
                     "--network and --ranks-per-node are of --plan, which is not given");
  violations.require(
      options.warm_start.empty() || options.resume == "auto" || options.resume == "never",
      "--warm-start and --resume PATH both say what to begin with: give one");
  check_sampler(options, violations);
  check_files(options, violations);
  violations.throw_if_any();
  // Groups build on the other options, so those come first.
  for (const std::string& group : options.groups) {
    nn::UpdateOptions one = options.updates();
    one.groups = {group};
    violations.require_no_throw("--group ", [&] { nn::parse_groups(one); });
  }
  violations.throw_if_any();
}

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

/// What the preset says holds where nothing else is said. Returns which options are given.
std::optional<std::set<std::string>> parse(const std::vector<std::string>& arguments, Log& log,
                                           const std::string& mpi, RunOptions& options,
                                           const std::string& config_lines = "") {
  options = {};
  CommandLine line = make_command_line(options);
  line.config_lines(config_lines);
  line.build(run::build_lines(mpi));
  return line.parse(arguments, log, [&] {
    // The variant of a run that is verified stands in its own file, which is read next.
    const bool is_known = options.verify.empty() || !options.config.empty();
    const std::string lines = is_known ? preset_lines(options.preset, options.variant) : "";
    for (const auto& [name, value] : run::read_option_lines(lines))
      if (name == "group") options.preset_groups.emplace_back(split(value, ':').front());
    return lines;
  });
}

/// --verify writes nothing and begins where the run's checkpoints say.
void require_of_verify(const std::set<std::string>& given) {
  Violations violations("nnrec_dist");
  violations.refuse_given(
      given, {"run", "resume", "warm-start", "allow-changes", "json-log", "logdir", "trace"},
      "is of training, and --verify trains nothing anew: leave it out");
  violations.throw_if_any();
}

}  // namespace

std::optional<RunOptions> parse_dist_options(const std::vector<std::string>& arguments, Log& log,
                                             const std::string& mpi) {
  RunOptions options;
  const auto given = parse(arguments, log, mpi, options);
  if (!given) return std::nullopt;
  if (!options.verify.empty()) {
    require_of_verify(*given);
    // What was in force is what is replayed; what the command line says wins.
    auto with_config = arguments;
    with_config.insert(with_config.end(), {"--config", config_of_run(options.verify, arguments)});
    parse(with_config, log, mpi, options);
  }
  validate(options);
  return options;
}

void check_dist_options(const std::vector<std::string>& arguments, const std::string& lines) {
  RunOptions options;
  Log unused = Log::silent();
  if (parse(arguments, unused, "", options, lines)) validate(options);
}

}  // namespace nnrec::app
