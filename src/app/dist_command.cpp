#include "nnrec/app/dist_command.hpp"

#include <cmath>
#include <memory>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/data/features.hpp"
#include "nnrec/data/shard_set.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/node_columns.hpp"
#include "nnrec/train/trainer.hpp"

#include "dist_options.hpp"
#include "run_folder.hpp"

namespace nnrec::app {
namespace {

/// All that the training of each variant shares.
struct Session {
  comm::Communicator& ranks;
  Log& log;
  const DistOptions& options;
  const math::ThreadTeam& team;
  const data::ShardSet& set;
  const data::Features& features;
  data::RatingColumns training;
  data::RatingColumns validation;
  RunFolder* folder;  ///< rank 0 only
};

struct VariantResult {
  std::string variant;
  double validation_rmse = 0;
  std::string digest;
};

models::Network build_network(const std::string& variant, const data::Features& features,
                              const DistOptions& options) {
  models::VariantOptions sizes;
  sizes.dropout = static_cast<float>(options.dropout);
  models::Network network = models::find_variant(variant).build(features.table_rows(), sizes);
  try {
    features.require(network.columns());
  } catch (const Error& error) {
    throw InputError("{}: {}", variant, error.what());
  }
  return network;
}

void print_start(const Session& session, double read_seconds) {
  const data::Manifest& manifest = session.set.manifest();
  Log& log = session.log;
  log.print("{} ranks ({} on this node) x {} threads, global batch {}", session.ranks.size(),
            session.ranks.node_size(), session.team.size(), session.options.batch);
  log.print("data {}: {} train, {} validation, {} test ratings; {} users, {} titles; digest {}",
            session.set.folder().string(), manifest.rows(data::Part::train),
            manifest.rows(data::Part::validation), manifest.rows(data::Part::test),
            manifest.user_count, manifest.title_count, manifest.digest.substr(0, 16));
  log.print("read in {:.3f} s", read_seconds);
  if (session.validation.rating.empty()) log.print("no test rows: nothing is evaluated");
}

void print_statistics(const Session& session, const train::TrainStatistics& statistics,
                      double training_seconds, double evaluation_seconds) {
  session.log.print(
      "  {:.2f} s training: compute {:.2f} (planning inside {:.2f}), exchange {:.2f}, optimiser "
      "{:.2f}; evaluation {:.2f} s",
      training_seconds, statistics.compute_seconds, statistics.plan_seconds,
      statistics.exchange_seconds, statistics.optimizer_seconds, evaluation_seconds);
  const auto steps = static_cast<double>(std::max<std::uint64_t>(statistics.steps, 1));
  const double needed = static_cast<double>(statistics.needed_bytes);
  const double exchanged = static_cast<double>(statistics.exchanged_bytes);
  session.log.print(
      "  exchanged a step: {:.0f} bytes; lower bound (touched rows x dim + dense) x 8: {:.0f} "
      "({:+.2f} %)",
      exchanged / steps, needed / steps, 100.0 * (exchanged / needed - 1.0));
}

void save(const Session& session, const std::string& variant, const train::Trainer& trainer,
          const nn::Optimizer& optimizer) {
  comm::agree(session.ranks, [&] {
    if (session.folder == nullptr) return;
    train::save_checkpoint(
        session.folder->checkpoint(variant), trainer.state(), optimizer,
        {variant, optimizer.name(), session.set.manifest().digest, session.options.to_config()});
  });
}

/// The scale that the set declares.
std::optional<data::RatingScale> scale_of(const data::Manifest& manifest) {
  if (!manifest.has_scale) return std::nullopt;
  return data::RatingScale{manifest.scale_low, manifest.scale_high};
}

/// Both errors by name: other tools print one or the other, and they differ.
void print_errors(const Session& session, const train::Errors& errors) {
  if (errors.squared.rows == 0) return;
  std::string clipped = "no scale is declared to clip to";
  if (errors.clipped) {
    const auto& manifest = session.set.manifest();
    clipped = fmt::format("RMSE {:.4f} clipped to {}..{}", errors.clipped->rmse(),
                          manifest.scale_low, manifest.scale_high);
  }
  session.log.print("  {} validation rows: RMSE {:.4f} unclipped, {}; MAE {:.4f} unclipped",
                    errors.squared.rows, errors.rmse(), clipped, errors.mae());
}

VariantResult train_variant(const Session& session, const std::string& variant) {
  const DistOptions& options = session.options;
  const models::Network network = build_network(variant, session.features, options);
  const auto optimizer = nn::make_adagrad({});
  const auto seed = static_cast<std::uint64_t>(options.seed);
  train::Trainer trainer(session.ranks, session.team, network, *optimizer, session.features,
                         session.training,
                         {static_cast<std::uint64_t>(options.batch), options.learning_rate},
                         train::initial_state(network.layout(), *optimizer, seed));
  train::Evaluator evaluator(network, session.features, session.validation, session.team,
                             scale_of(session.set.manifest()));
  train::Errors validation;
  session.log.print("{}: {} parameters", variant, network.layout().parameter_count());

  VariantResult result{variant, 0, ""};
  double training_seconds = 0;
  double evaluation_seconds = 0;
  for (std::int64_t epoch = 1; epoch <= options.epochs; ++epoch) {
    const train::EpochResult trained = trainer.train_epoch();
    const Stopwatch watch;
    validation = evaluator.evaluate(session.ranks, trainer.state().parameters);
    evaluation_seconds += watch.seconds();
    training_seconds += trained.seconds;
    result.validation_rmse = validation.rmse();
    session.log.progress(fmt::format(
        "{} epoch {}/{}: train RMSE {:.4f}, validation RMSE {:.4f}, {:.3f} s, {:.2f} M ratings/s",
        variant, epoch, options.epochs, trained.train.rmse(), result.validation_rmse,
        trained.seconds, static_cast<double>(trained.train.rows) / trained.seconds / 1e6));
    comm::agree(session.ranks, [&] {
      if (session.folder == nullptr) return;
      session.folder->append_history(variant, trained, result.validation_rmse,
                                     options.learning_rate);
    });
  }
  print_errors(session, validation);
  print_statistics(session, trainer.statistics(), training_seconds, evaluation_seconds);
  save(session, variant, trainer, *optimizer);
  result.digest = trainer.state().parameters.digest();
  comm::agree_on_text(session.ranks, ErrorKind::internal, "the trained model", result.digest);
  return result;
}

data::RatingColumns load_validation(comm::Communicator& ranks, const data::ShardSet& set) {
  const bool has_validation = set.manifest().rows(data::Part::validation) > 0;
  return train::load_node_columns(ranks, set,
                                  has_validation ? data::Part::validation : data::Part::test);
}

data::ShardSet open_set(const DistOptions& options) {
  if (options.data == DistOptions{}.data && !std::filesystem::exists(options.data)) {
    throw InputError(
        "{}: no data there yet; run jobs/quickstart.sh, or nnrec_prep --input FOLDER --output {}",
        options.data, options.data);
  }
  data::ShardSet set = data::ShardSet::open(options.data);
  if (set.manifest().rows(data::Part::train) == 0) {
    throw InputError("{}: no training ratings; prepare it with a smaller --test-fraction",
                     options.data);
  }
  return set;
}

void train_all(const DistOptions& options, comm::Communicator& ranks, Log& log) {
  Stopwatch watch;
  std::optional<data::ShardSet> set;
  std::optional<data::Features> features;
  comm::agree(ranks, [&] {
    set = open_set(options);
    features.emplace(*set);
    for (const auto& name : options.variant_names()) build_network(name, *features, options);
  });
  comm::agree_on_text(ranks, ErrorKind::input, "the data set", set->manifest().digest);
  const math::ThreadTeam team(static_cast<int>(options.threads));
  const std::string warning = comm::thread_warning(ranks, team.size());
  if (!warning.empty()) log.warn("{}", warning);
  const auto training = train::load_node_columns(ranks, *set, data::Part::train);
  const auto validation = load_validation(ranks, *set);
  const double read_seconds = watch.lap();

  std::unique_ptr<RunFolder> folder;
  comm::agree(ranks, [&] {
    if (ranks.rank() != 0) return;
    const auto path =
        options.run.empty() ? default_run_folder() : std::filesystem::path(options.run);
    folder = std::make_unique<RunFolder>(path, options.to_config(), log);
  });
  const Session session{ranks,     log,      options,    team,        *set,
                        *features, training, validation, folder.get()};
  print_start(session, read_seconds);
  std::vector<VariantResult> results;
  for (const auto& name : options.variant_names()) results.push_back(train_variant(session, name));
  if (folder) log.print("run folder {}", folder->path().string());
  for (const auto& result : results) {
    if (std::isnan(result.validation_rmse)) continue;  // no test rows, as the start says
    log.print("validation RMSE {} {:.4f}", result.variant, result.validation_rmse);
  }
  for (const auto& result : results) log.print("model digest {} {}", result.variant, result.digest);
}

}  // namespace

void dist_command(const std::vector<std::string>& arguments, comm::Communicator& ranks, Log& log) {
  std::optional<DistOptions> options;
  comm::agree(ranks, [&] { options = parse_dist_options(arguments, log); });
  // Ranks that went on with different options would wait for each other for ever, or diverge.
  comm::agree_on_text(ranks, ErrorKind::usage, "the command line or configuration",
                      options ? options->deciding() : "(help)");
  if (options) train_all(*options, ranks, log);
}

}  // namespace nnrec::app
