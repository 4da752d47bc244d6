#include "nnrec/run/open_model.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/lineage.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/run_options.hpp"
#include "nnrec/train/sampling.hpp"

#include "training_sessions.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// Whether a checkpoint of any was saved there.
bool has_saved(const fs::path& run) {
  return std::ranges::any_of(models::variants(), [&](const models::Variant& variant) {
    return io::is_there(saved_mark_path(run, variant.name));
  });
}

std::string choose_variant(const fs::path& run, const std::string& variant) {
  auto names = trained_variants(run);
  // One may be removed, and the next one come, while the folder is listed.
  for (int look = 1; look < kMostLooks && names.empty() && has_saved(run); ++look)
    names = trained_variants(run);
  if (names.empty()) {
    throw InputError(
        "{}: has no checkpoints; give the folder of a run (--run of nnrec_dist) or a "
        "checkpoint",
        run.string());
  }
  const auto list = fmt::format("{}", fmt::join(names, ", "));
  if (variant.empty() && names.size() > 1) {
    throw UsageError("{}: has several variants; give --variant, one of {}", run.string(), list);
  }
  if (variant.empty()) return names.front();
  if (std::ranges::find(names, variant) == names.end()) {
    throw UsageError("--variant {}: {} has {}", variant, run.string(), list);
  }
  return variant;
}

bool has_sampler(const train::CheckpointInfo& info) {
  const auto sampler = value_of(read_option_lines(info.options), "sampler");
  return !sampler.empty() && sampler != "none";
}

/// Whether no job has saved there since.
bool is_newest(const fs::path& run, const train::CheckpointHead& head) {
  const auto found = find_checkpoints(run, head.info.variant);
  return !found.empty() && found.back().step == head.progress.step;
}

/// Of the best epoch, where a validation part has chosen one that is still there. Of sampled models
/// none is: older programs kept that of the time before --sampler.
std::optional<ValidCheckpoint> best_checkpoint(const fs::path& run,
                                               const train::CheckpointHead& newest, Log& log) {
  const train::TrainProgress& last = newest.progress;
  if (has_sampler(newest.info) || !std::isfinite(last.best_rmse) || last.best_step == last.step)
    return std::nullopt;
  try {
    return find_best(run, newest);
  } catch (const InputError& refusal) {  // the last is a trained model too
    if (!is_newest(run, newest)) throw;
    log.warn("the best model, of step {}, is not taken: {}", last.best_step, refusal.what());
    return std::nullopt;
  }
}

/// The last is `last`, or the best where there is another.
ValidCheckpoint choose_of(const fs::path& run, const ValidCheckpoint& last, Log& log) {
  const train::TrainProgress& progress = last.head.progress;
  const std::string& variant = last.head.info.variant;
  if (auto best = best_checkpoint(run, last.head, log)) {
    log.print("model {} of step {}: best validation RMSE, {:.4f}; {}", variant,
              best->head.progress.step, progress.best_rmse, best->path.string());
    return *best;
  }
  log.print("model {} of step {}: {}; {}", variant, progress.step,
            progress.best_step == progress.step ? "the last, and the best by validation RMSE"
                                                : "the last",
            last.path.string());
  return last;
}

ValidCheckpoint choose_checkpoint(const fs::path& run, const std::string& variant, Log& log) {
  for (int look = 1; look <= kMostLooks; ++look) {
    const auto last = newest_valid(run, variant, 1, log);
    if (last.empty()) continue;
    try {
      return choose_of(run, last.front(), log);
    } catch (const InputError&) {
      if (is_newest(run, last.front().head)) throw;
    }
  }
  throw_removed(run, variant);
}

/// Of `ordinal:1,2,3`.
std::vector<float> levels_of(const ModelSource& source, const std::string& likelihood) {
  constexpr std::string_view kOrdinal = "ordinal:";
  try {
    if (likelihood.starts_with(kOrdinal))
      return nn::parse_levels(std::string_view(likelihood).substr(kOrdinal.size()));
  } catch (const InputError& refusal) {
    throw InputError("{}: likelihood: {}", source.checkpoint.string(), refusal.what());
  }
  throw InputError("{}: has a likelihood of {}, which this program does not know",
                   source.checkpoint.string(), likelihood);
}

/// Those that its network depends on.
models::VariantOptions sizes_of(const ModelSource& source, const shards::Manifest& manifest) {
  RunOptions options;
  features::ExtraSet extras;  // in force: what the variant reads by itself is spelled out, too
  std::vector<float> levels;
  const auto number = [&](const std::string& text) {
    const auto units = parse_number<std::int64_t>(text);
    if (units && *units >= 1 && *units <= kMostUnits) return *units;
    throw InputError("{}: has a size of {}, which is not in 1..{}", source.checkpoint.string(),
                     text, kMostUnits);
  };
  for (const auto& [name, value] : read_option_lines(source.head.info.options)) {
    if (name == "embedding-dim") options.embedding_dim = number(value);
    if (name == "hidden") options.hidden = value;
    if (name == "age-units") options.age_units = number(value);
    if (name == "genre-units") options.genre_units = number(value);
    if (name == "biases") options.biases = value;
    if (name == "dot") options.dot = value;
    if (name == "features") extras = features::parse_extras(value);
    if (name == "likelihood") levels = levels_of(source, value);
  }
  models::VariantOptions sizes = options.sizes(manifest.train_rating_mean);
  sizes.extras = extras;
  sizes.levels = levels;
  return sizes;
}

/// Who names a file means that model.
void warn_of_one_draw(const ModelSource& source, Log& log) {
  const std::string run = source.run.empty()
                              ? "the folder of its run"
                              : fmt::format("{}, the folder of its run,", source.run.string());
  log.warn(
      "{}: is one model of a sampled run, and answers alone: it errs more than the mean of all, "
      "which the run judged; give {} for that of those that are kept",
      source.checkpoint.string(), run);
}

/// Of one that its run averages with others, or will.
void warn_of_the_last_alone(const ModelSource& source, Log& log) {
  if (source.head.samples > 0) {
    return log.warn(
        "{}: of the {} sampled models whose mean its run judged none is kept (--keep-samples 20 "
        "from its beginning on keeps some), so that the last answers alone, which errs more",
        source.checkpoint.string(), source.head.samples);
  }
  const auto sampling =
      train::parse_sampling(value_of(read_option_lines(source.head.info.options), "sampler"));
  log.warn(
      "{}: is of epoch {}, and its run averages sampled models behind epoch {} only (burn_in): the "
      "last one answers alone, which errs more than their mean",
      source.checkpoint.string(), source.head.progress.epoch, sampling ? sampling->burn_in : 0);
}

/// Whether both are of one mean: neither the data nor the sampler changed in between.
bool are_of_one_mean(const train::CheckpointInfo& a, const train::CheckpointInfo& b) {
  return a.data_digest == b.data_digest &&
         last_other_mean_step(a.changes) == last_other_mean_step(b.changes);
}

/// The path is the one that training was given, perhaps in another folder or on another machine.
void require_set_of_run(const ModelSource& source) {
  try {
    shards::ShardSet::stated_seal(source.data);
  } catch (const InputError&) {
    const bool is_relative = fs::path(source.data).is_relative();
    throw InputError(
        "{}: no prepared set is there, which {} names{}; give the set that the model was trained "
        "on by --data{}",
        source.data, (source.run / "options.cfg").string(),
        is_relative ? ", as seen from where the run was started" : "",
        is_relative ? ", or start this program there" : "");
  }
}

}  // namespace

ModelSource find_model(const fs::path& place, const std::string& variant, Log& log) {
  if (!io::is_there(place)) {
    throw InputError(
        "{}: is not there; give the folder of a run (--run of nnrec_dist) or a "
        "checkpoint",
        place.string());
  }
  if (fs::is_directory(place)) {
    auto chosen = choose_checkpoint(place, choose_variant(place, variant), log);
    ModelSource source{std::move(chosen.path), std::move(chosen.head),
                       value_of(read_saved_options(place), "data"), place};
    for (auto& sample : find_samples(place, source.head.info.variant))
      source.samples.push_back(std::move(sample.path));
    source.is_chosen = true;
    return source;
  }
  ModelSource source{place, train::read_checkpoint_head(place), {}};
  const std::string& held = source.head.info.variant;
  if (!variant.empty() && variant != held) {
    throw UsageError("--variant {}: {} is of {}", variant, place.string(), held);
  }
  log.print("model {} of step {}; {}", held, source.head.progress.step, place.string());
  if (auto runs = runs_around(place); !runs.empty()) {
    source.run = std::move(runs.front());
    source.data = value_of(read_saved_options(source.run), "data");
  }
  return source;
}

bool is_trained_on(const ModelSource& source, const shards::ShardSet& set) {
  return set.manifest().digest == source.head.info.data_digest;
}

shards::ShardSet open_training_set(const ModelSource& source, const std::string& data) {
  const std::string& folder = data.empty() ? source.data : data;
  if (folder.empty()) {
    throw UsageError("{}: no run beside it says which set it was trained on; give --data",
                     source.checkpoint.string());
  }
  if (data.empty()) require_set_of_run(source);
  auto set = shards::ShardSet::open(folder);
  if (is_trained_on(source, set)) return set;
  throw InputError(
      "{}: is not the set that the model was trained on (digest {}, of the model's {}), whose rows "
      "its tables have; give that one by --data",
      folder, set.manifest().digest.substr(0, 16), source.head.info.data_digest.substr(0, 16));
}

serve::Model load_model(const ModelSource& source, shards::ShardSet&& set) {
  const std::string& variant = source.head.info.variant;
  features::Features features(set);
  const models::VariantOptions sizes = sizes_of(source, set.manifest());
  features::OwnedSessions sessions;
  if (sizes.extras.has(features::Extra::sessions) || sizes.extras.has(features::Extra::day)) {
    sessions = read_training_sessions(set, math::ThreadTeam(0));
    features.use_sessions(sessions.view());
  }
  auto network = models::find_variant(variant).build(features.table_rows(), sizes);
  features.require(network.columns());
  auto parameters = train::load_parameters(source.checkpoint, network.layout());
  std::string digest = parameters.digest();
  return {variant,
          std::move(digest),
          std::move(set),
          std::move(sessions),
          std::move(features),
          std::move(network),
          std::move(parameters)};
}

bool is_sampled(const ModelSource& source) {
  return source.head.is_drawn || source.head.info.noise_precision > 0;
}

void load_samples(const ModelSource& source, serve::Model& model, Log& log) {
  model.samples.clear();
  if (!is_sampled(source)) {
    if (source.samples.empty()) return;
    return log.warn(
        "{}: is no sampled model: {} beside it, of another stretch of its run, do not answer",
        source.checkpoint.string(), source.samples.size());
  }
  if (!source.is_chosen) return warn_of_one_draw(source, log);
  std::size_t others = 0;
  for (const fs::path& path : source.samples) {
    try {
      const train::CheckpointInfo info = train::read_checkpoint_head(path).info;
      if (info.noise_precision <= 0) throw InputError("{}: is no sampled model", path.string());
      if (are_of_one_mean(info, source.head.info)) {
        model.samples.push_back(
            {train::load_parameters(path, model.network.layout()), info.noise_precision});
      } else {
        ++others;
      }
    } catch (const InputError& refusal) {
      const std::string reason = refusal.what();
      throw InputError(
          "{}{} It is one of {} sampled models whose mean answers: move it out of the "
          "folder, and the others do.",
          reason, reason.ends_with('.') ? "" : ".", source.samples.size());
    }
  }
  if (others > 0) {
    log.warn(
        "{}: {} sampled model{} beside it, of other data or another sampler, not part of its mean",
        source.checkpoint.string(), others, plural(others));
  }
  if (model.samples.empty()) return warn_of_the_last_alone(source, log);
  log.print("answers are means of {} sampled model{}", model.samples.size(),
            plural(model.samples.size()));
}

bool renew(ModelSource& source, Log& log) {
  if (!source.is_chosen) return false;
  if (!is_gone(source.checkpoint) && std::ranges::none_of(source.samples, is_gone)) return false;
  ModelSource now = find_model(source.run, source.head.info.variant, log);
  if (now.head.info.data_digest != source.head.info.data_digest) {
    throw InputError(
        "{}: another run, on another set, has taken the place of the one that was read",
        source.run.string());
  }
  source = std::move(now);
  return true;
}

serve::Model load_present_model(ModelSource& source, shards::ShardSet&& set, Log& log) {
  std::optional<serve::Model> model;
  read_present(source, log, [&] {
    if (model) set = std::move(model->set);  // whose samples were removed: it is another one now
    model.reset();
    model.emplace(load_model(source, std::move(set)));
    load_samples(source, *model, log);
  });
  return std::move(*model);
}

}  // namespace nnrec::run
