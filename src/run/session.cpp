#include "nnrec/run/session.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <system_error>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/math/kernels.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/train/batch_plan.hpp"

#include "rating_levels.hpp"
#include "training_sessions.hpp"

namespace nnrec::run {
namespace {

shards::ShardSet open_set(const RunOptions& options) {
  if (options.data == RunOptions{}.data && !std::filesystem::exists(options.data)) {
    throw InputError(
        "{}: no data there yet; prepare some with nnrec_prep --input FOLDER --output {}",
        options.data, options.data);
  }
  if (!options.verify.empty() && !std::filesystem::exists(options.data)) {
    throw InputError(
        "{}: no prepared set is there, as --data or else {} says; give the set that the run was "
        "trained on by --data, or start where the run was started",
        options.data, (std::filesystem::path(options.verify) / "options.cfg").string());
  }
  shards::ShardSet set = shards::ShardSet::open(options.data);
  if (set.manifest().rows(shards::Part::train) == 0) {
    throw InputError("{}: no training ratings; prepare it with a smaller --test-fraction",
                     options.data);
  }
  train::require_loss_range(set.manifest());
  return set;
}

/// A group that holds nothing in any variant is a mistyped one; not so one of features that are
/// wanted and that the set lacks, or a preset's of features that are not wanted beside it.
void require_groups_hold(const RunOptions& options, const std::vector<std::string>& variants,
                         const features::TableRows& rows, const std::vector<float>& levels) {
  std::set<std::string> names;
  const auto groups = nn::parse_groups(options.updates());
  std::vector<bool> holds;
  for (const nn::ParameterGroup& group : groups)
    holds.push_back(std::ranges::find(options.preset_groups, group.blocks) !=
                    options.preset_groups.end());
  for (const std::string& name : variants) {
    const models::Variant& variant = models::find_variant(name);
    models::VariantOptions sizes = options.sizes(0);  // any mean will do for names
    sizes.extras = options.extras(variant);
    sizes.levels = levels;
    const models::Network network = variant.build(rows, sizes);
    for (const nn::Block& block : network.layout().blocks()) {
      names.insert(block.name);
      for (std::size_t g = 0; g < groups.size(); ++g) holds[g] = holds[g] || groups[g].holds(block);
    }
  }
  const auto empty = std::ranges::find(holds, false) - holds.begin();
  if (empty == std::ssize(holds)) return;
  throw UsageError("--group {} holds none of the blocks {}", groups[empty].blocks,
                   fmt::join(names, ", "));
}

/// An option of parts that no variant has is no more than said: a sweep, or a file of options,
/// gives it to all alike. What is verified is what was trained, with the options of all variants of
/// a run.
void warn_of_parts(const Session& session) {
  const RunOptions& options = session.options();
  if (!options.verify.empty()) return;
  const RunOptions plain;
  const auto rates = parse_dropout(options.dropout);
  std::vector<std::pair<std::string, std::string>> given;
  if (options.hidden != plain.hidden) given.emplace_back("hidden", options.hidden);
  if (options.age_units != plain.age_units)
    given.emplace_back("age-units", fmt::to_string(options.age_units));
  if (options.genre_units != plain.genre_units)
    given.emplace_back("genre-units", fmt::to_string(options.genre_units));
  if (std::ranges::any_of(rates, [](float rate) { return rate > 0; }))
    given.emplace_back("dropout", options.dropout);
  if (options.dot != plain.dot) given.emplace_back("dot", options.dot);
  if (given.empty()) return;
  std::set<std::string> used;
  std::size_t most_layers = 0;  // dense ones on the way to the rating
  for (const std::string& variant : session.variants()) {
    const models::Network network = session.build_network(variant);
    most_layers = std::max(most_layers, models::hidden_sizes(network).size() + 1);
    for (const auto& [name, value] : read_option_lines(session.deciding(network)))
      used.insert(name);
  }
  const auto behind = std::span(rates).subspan(std::min(rates.size(), most_layers));
  if (used.contains("dropout") && std::ranges::any_of(behind, [](float rate) { return rate > 0; }))
    session.log().warn("--dropout {}: only the first {} rates fall on a dense layer of {}",
                       options.dropout, most_layers, fmt::join(session.variants(), ", "));
  for (const auto& [name, value] : given) {
    if (used.contains(name)) continue;
    session.log().warn("--{} {} does nothing: none of {} has {}", name, value,
                       fmt::join(session.variants(), ", "),
                       name == "age-units"     ? "a layer of ages"
                       : name == "genre-units" ? "a layer of genres"
                       : name == "dropout"     ? "dense layers that it falls on"
                                               : "hidden layers");
  }
}

/// Whether OMP_NUM_THREADS has a number (of a list for nested teams, the first). What else stands
/// there, nothing too, OpenMP warns of and leaves aside.
bool environment_says_threads() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) return false;
  std::string first(split(text, ',').front());
  std::erase_if(first, [](char c) { return c == ' '; });
  return parse_number<int>(first).value_or(0) > 0;
}

/// Where nobody says how many threads, the ranks of a node share its cores.
math::ThreadTeam make_team(const RunOptions& options, comm::Communicator& ranks) {
  const int share = comm::share_of_cores(ranks);
  const bool is_said = options.threads > 0 || environment_says_threads();
  std::optional<math::ThreadTeam> team;
  comm::agree(ranks, [&] { math::use_kernels(options.kernels); });
  comm::agree(ranks, [&] { team.emplace(is_said ? static_cast<int>(options.threads) : share); });
  return *team;
}

/// Cores that no thread of this rank computes on, of the rank that has the fewest. Collective.
int spare_threads(comm::Communicator& ranks, int threads) {
  std::array<std::int64_t, 1> lacking{threads - comm::share_of_cores(ranks)};
  ranks.maximum(lacking);
  return static_cast<int>(std::max<std::int64_t>(0, -lacking[0]));
}

/// What the ratings of all parts take of a node's memory.
std::uint64_t bytes_of(const train::RowLimits& limits, const shards::Manifest& manifest,
                       shards::Times times) {
  std::uint64_t rows = std::min(limits.training, manifest.rows(shards::Part::train));
  for (const shards::Part part : {shards::Part::validation, shards::Part::test}) {
    rows += std::min(limits.evaluation, manifest.rows(part));
  }
  return rows * shards::rating_bytes(times);
}

}  // namespace

Session::Session(const RunOptions& options, const OptionTexts& texts, comm::Communicator& ranks,
                 const StopSignals& signals, Log& log)
    : options_(options),
      texts_(texts),
      ranks_(ranks),
      signals_(signals),
      log_(log),
      team_(make_team(options, ranks)) {
  Stopwatch watch;
  open_data();
  require_validation();
  const std::string warning = comm::thread_warning(ranks_, team_.size());
  if (!warning.empty() && !options_.preflight) log_.warn("{}", warning);
  const std::string idle =
      train::idle_ranks_warning(ranks_.size(), static_cast<std::uint64_t>(options_.batch),
                                set_->manifest().rows(shards::Part::train));
  if (!idle.empty()) log_.warn("{}", idle);
  limits_ = share_ratings_memory();
  rating_bytes_ = bytes_of(limits_, set_->manifest(), times_);
  if (options_.preflight) return;
  read_ratings();
  print_start(watch.seconds());
}

/// Where no core is idle, windows are read beside training only in an order that does not read more
/// for it.
train::RowLimits Session::share_ratings_memory() const {
  const int spare = spare_threads(ranks_, team_.size());
  return train::share_memory(
      ranks_, *set_, std::max(team_.size(), spare),
      {options_.memory_limit_bytes(), static_cast<std::uint64_t>(options_.batch), times_,
       options_.order == "blocks" ? std::max(1, spare) : spare});
}

/// The first rank of a node reads and checks the catalogue; the others get what they need of it.
void Session::open_data() {
  using features::Features;
  const bool is_first = ranks_.node_rank() == 0;
  std::string seal;
  comm::agree(ranks_, [&] {
    if (is_first) {
      set_ = open_set(options_);
      features_.emplace(*set_);
    }
    seal = shards::ShardSet::stated_seal(options_.data);
  });
  const auto of_first = [&](const std::string& text) {
    const auto copy =
        train::node_copy<char>(ranks_, is_first ? std::span(text) : std::span<const char>());
    return std::string(copy.begin(), copy.end());
  };
  const std::string digest = of_first(is_first ? data_digest() : std::string());
  // Who was given another set than the node's first rank takes nothing from that one.
  const bool is_same_set = seal == of_first(seal);
  comm::agree_on_text(ranks_, ErrorKind::input, "the data set", is_same_set ? digest : seal);
  const auto facts = train::node_copy<Features::Facts>(
      ranks_, is_first ? std::span(&features_->facts(), 1) : std::span<const Features::Facts>());
  features::ColumnSet read;
  comm::agree(ranks_, [&] {
    if (!is_first) {
      set_ = shards::ShardSet::open_checked(options_.data, digest);
      features_.emplace(facts.front());
    }
  });
  if (options_.is_ordinal()) levels_ = share_rating_levels(ranks_, team_, *set_);
  comm::agree(ranks_, [&] {
    choose_variants();
    for (const auto& name : variants_) build_network(name);
    require_groups_hold(options_, variants_, features_->table_rows(), levels_);
    for (const auto& name : variants_) read.add(build_network(name).columns());
    features_->keep_only(read);
    times_ = features::reads_times(read) ? shards::Times::kept : shards::Times::none;
    if (ranks_.rank() == 0) {
      set_->forget_columns();
    } else {
      set_->forget_catalogue();
    }
  });
  warn_of_parts(*this);
  // Nodes may have different numbers of ranks, and all take part in sharing, or none.
  std::array<std::int64_t, 1> most_ranks{ranks_.node_size()};
  ranks_.maximum(most_ranks);
  if (most_ranks[0] == 1) return;
  features_->share(read, [&](std::span<const std::byte> held) {
    return train::node_copy<std::byte>(ranks_, held);
  });
}

/// Whoever asks for all asks for what this set can train; a name that was given is a demand.
void Session::choose_variants() {
  if (options_.variant != "all") {
    variants_ = options_.variant_names();
    return;
  }
  for (const std::string& name : options_.variant_names()) {
    try {
      build_network(name);
      variants_.push_back(name);
    } catch (const InputError& refusal) {
      log_.warn("not trained: {}", refusal.what());
    }
  }
}

void Session::read_ratings() {
  const math::ThreadTeam readers(std::min(team_.size(), limits_.readers));
  const auto read = [&](shards::Part part, std::uint64_t most_rows) {
    return std::make_unique<train::NodeRows>(ranks_, readers, *set_, part, most_rows, times_,
                                             limits_.beside_threads);
  };
  try {
    training_ = read(shards::Part::train, limits_.training);
    validation_ = read(shards::Part::validation, limits_.evaluation);
    test_ = read(shards::Part::test, limits_.evaluation);
  } catch (const IoError& error) {  // other than an AgreedError: this node's memory is short
    throw IoError("{} The ratings take {} bytes a node in all; --memory-limit SIZE bounds them.",
                  error.what(), rating_bytes_);
  }
  if (ranks_.node_count() > 1) link_ = train::measure_link(ranks_);
  read_sessions();
  tally_.emplace(ranks_, team_, *training_, *features_, set_->manifest());
  validation_baselines_ =
      train::evaluate_baselines(ranks_, team_, *validation_, {scale(), &*tally_});
  test_baselines_ = train::evaluate_baselines(ranks_, team_, *test_, {scale(), &*tally_});
  if (options_.training().sampling) {
    const auto mean = train::evaluate_baselines(ranks_, team_, *training_, {scale(), &*tally_});
    training_variance_ = mean.training_mean.squared.rmse() * mean.training_mean.squared.rmse();
  }
  comm::agree(ranks_, [&] {
    const std::string hint = ranks_.rank() == 0 ? set_->speed_hint() : "";
    if (!hint.empty()) log_.warn("{}", hint);
  });
}

namespace {

bool reads_sessions(const models::Network& network) {
  return network.columns().has(features::IdColumn::page) ||
         network.columns().has(features::IdColumn::day);
}

}  // namespace

bool Session::knows_rows(const models::Network& network) const {
  return !options_.preflight || !reads_sessions(network);
}

/// Only variants that read sessions or days pay for them.
void Session::read_sessions() {
  const bool is_needed = std::ranges::any_of(variants_, [&](const std::string& variant) {
    return reads_sessions(build_network(variant));
  });
  if (is_needed) features_->use_sessions(share_training_sessions(ranks_, team_, *set_));
}

void Session::print_features(const std::string& variant, const models::Network& network) const {
  features::ExtraSet missing = options_.extras(models::find_variant(variant));
  if (missing.empty()) return;
  const features::ExtraSet has = models::extras_of(network);
  for (const features::ExtraName& one : features::kExtraNames)
    missing[one.extra] = missing.has(one.extra) && !has.has(one.extra);
  log_.print("{}: features beside user and title: {}; not in this data set: {}", variant,
             features::text_of(has), features::text_of(missing));
}

void Session::print_start(double read_seconds) const {
  const shards::Manifest& manifest = set_->manifest();
  log_.print("{} ranks ({} on this node) x {} threads, {} kernels, global batch {}", ranks_.size(),
             ranks_.node_size(), team_.size(), math::kernels_in_use(), options_.batch);
  log_.print("data {}: {} train, {} validation, {} test ratings; {} users, {} titles; digest {}",
             set_->folder().string(), manifest.rows(shards::Part::train),
             manifest.rows(shards::Part::validation), manifest.rows(shards::Part::test),
             manifest.user_count, manifest.title_count, manifest.digest.substr(0, 16));
  log_.print("read in {:.3f} s", read_seconds);
  if (link_) {
    log_.print("{} nodes: {:.1f} us for a short message, {:.0f} MB/s for long ones",
               ranks_.node_count(), 1e6 * link_->latency_seconds, 1e-6 * link_->bytes_per_second);
  }
  if (!options_.memory_limit.empty()) {
    log_.print("memory limit {} a node: {} of {} train ratings at a time, {} of {} for evaluation",
               options_.memory_limit, training_->ratings().size(), training_->size(),
               validation_->ratings().size() + test_->ratings().size(),
               validation_->size() + test_->size());
  }
  print_evaluated();
  print_baselines(shards::Part::validation);
  print_baselines(shards::Part::test);
}

void Session::print_baselines(shards::Part part) const {
  const auto& [mean, means] = baselines(part);
  if (mean.squared.rows == 0) return;
  std::string warm = "none of them warm";
  if (mean.warm.rows > 0) {
    warm = fmt::format("{} of them warm: {:.4f}, {:.4f}", mean.warm.rows, mean.warm.rmse(),
                       means.warm.rmse());
  }
  log_.print(
      "without a model, on {} {} rows, RMSE {:.4f} by the training mean, {:.4f} by user + item "
      "means; {} (their user and item are in training)",
      mean.squared.rows, shards::part_name(part), mean.rmse(), means.rmse(), warm);
}

/// An option that could do nothing was meant for another set.
void Session::require_validation() const {
  comm::agree(ranks_, [&] {
    if (options_.patience == 0 || set_->manifest().rows(shards::Part::validation) > 0) return;
    throw UsageError(
        "--patience {} counts epochs without a lower validation RMSE, and {} has no validation "
        "part: nnrec_prep --validation 0.1 makes one; or leave --patience out",
        options_.patience, set_->folder().string());
  });
}

void Session::print_evaluated() const {
  if (validation_->size() > 0) return;
  if (test_->size() == 0) {
    log_.print("no validation and no test rows: nothing is evaluated");
    return;
  }
  // A best chosen by the test part would make its error look smaller than that of new ratings.
  log_.print(
      "no validation part: the test part is evaluated each epoch, and no best model is chosen; "
      "nnrec_prep --validation 0.1 makes a validation part");
}

models::Network Session::build_network(const std::string& variant) const {
  const models::Variant& known = models::find_variant(variant);
  models::VariantOptions sizes = options_.sizes(set_->manifest().train_rating_mean);
  sizes.extras = features_->available(options_.extras(known));
  sizes.levels = levels_;
  models::Network network = known.build(features_->table_rows(), sizes);
  try {
    features_->require(network.columns());
  } catch (const Error& error) {
    throw InputError("{} {}. --variant all trains those that the set allows.", variant,
                     error.what());
  }
  return network;
}

nn::UpdateRules Session::make_rules(const models::Network& network) const {
  return {network.layout(), options_.updates()};
}

train::TrainState Session::initial_state(const models::Network& network,
                                         const nn::UpdateRules& rules) const {
  train::TrainState state = train::initial_state(ranks_, network.layout(), rules, options_.first());
  if (ranks_.node_rank() == 0) {
    tally_->clear_untrained(network, state.parameters);
    if (state.average) tally_->clear_untrained(network, *state.average);
  }
  ranks_.node_barrier();
  if (options_.training().sampling) {
    state.sampling.emplace(ranks_, network.layout());
    if (validation_->size() > 0) state.sampling->validation.emplace(ranks_, validation_->size());
    if (test_->size() > 0) state.sampling->test.emplace(ranks_, test_->size());
  }
  return state;
}

train::Trainer Session::make_trainer(const models::Network& network, const nn::UpdateRules& rules,
                                     train::TrainState state) const {
  train::Trainer::Options options = options_.training();
  options.penalties = {network, rules, *tally_, options.batch_rows * options.accumulate};
  options.exchange = exchange_way(network);
  options.facts = {&*tally_, training_variance_};
  return {ranks_, team_, {network, *features_, *training_}, rules, options, std::move(state)};
}

/// The same on every rank.
train::ExchangeWay Session::exchange_way(const models::Network& network) const {
  if (options_.exchange == "owner") return train::ExchangeWay::owner;
  if (options_.exchange == "reduce" || !link_) return train::ExchangeWay::reduce;
  const auto nodes = static_cast<std::size_t>(ranks_.node_count());
  std::array<std::int64_t, 1> is_owner{};
  if (ranks_.rank() == 0) {
    const train::BatchVolume volume =
        train::expected_volume(network, *tally_, static_cast<std::size_t>(options_.batch), nodes);
    const train::ExchangeWay way =
        train::cheaper_way(volume, nodes, *link_, options_.training().exchange_bits);
    is_owner[0] = way == train::ExchangeWay::owner ? 1 : 0;
  }
  ranks_.maximum(is_owner);
  return is_owner[0] != 0 ? train::ExchangeWay::owner : train::ExchangeWay::reduce;
}

train::Evaluator Session::make_evaluator(const models::Network& network, shards::Part part) const {
  train::NodeRows& rows = part == shards::Part::test ? *test_ : *validation_;
  return {{network, *features_, rows}, team_, {scale(), &*tally_}};
}

RunResult Session::result(std::vector<TrainedVariant> variants) const {
  return {build(),      texts_.saved,          set_->manifest(), ranks_.size(),
          team_.size(), validation_baselines_, test_baselines_,  std::move(variants)};
}

bool Session::stop_is_asked() const {
  std::array<std::int64_t, 1> asked{signals_.received() != 0 ? 1 : 0};
  ranks_.maximum(asked);
  return asked[0] != 0;
}

std::string Session::way_on() const {
  namespace fs = std::filesystem;
  // Of the run's own checkpoints --resume takes the newest alone, which is another one now.
  std::error_code ignored;
  const bool is_own =
      !options_.run.empty() && fs::equivalent(fs::path(options_.resume).parent_path(),
                                              fs::path(options_.run) / "checkpoints", ignored);
  return options_.resume == "never" || is_own
             ? "run it again with this --run folder and --resume auto"
             : "run the same command with this --run folder";
}

void Session::throw_stopped(const std::string& where) const {
  throw comm::AgreedError(ErrorKind::interrupted,
                          fmt::format("stopped as asked{}; {} to go on", where, way_on()));
}

}  // namespace nnrec::run
