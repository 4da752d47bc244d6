#include "resume.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/lineage.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/run/option_lines.hpp"

#include "late_changes.hpp"
#include "start_state.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// What each start is found from. The newest valid checkpoints of the folder are read once.
struct Search {
  const Session& session;
  const RunFolder& folder;
  std::map<std::string, ValidCheckpoint> newest;  ///< by variant, where there is one
};

/// Before anything is written: makes `start` what training would begin with, where that can be
/// used at all. Returns what changes in the state beside options and data.
std::vector<std::string> look_at_state(StartPoint& start, const Session& session) {
  const auto network = session.build_network(start.variant);
  const bool knows_rows = session.knows_rows(network);
  const nn::ParameterLayout layout =
      knows_rows ? network.layout() : saved_layout(network, start.checkpoint);
  const nn::UpdateRules rules(layout, session.options().updates());
  comm::SelfCommunicator self;
  train::TrainState state(nn::ParameterSet(layout), nn::ParameterSet(rules.state_layout()));
  state.seed = static_cast<std::uint64_t>(session.options().seed);
  if (rules.average_decay() > 0) state.average = state.parameters;
  if (!knows_rows && start.has_other_data) {
    train::load_checkpoint(start.checkpoint, state);
    return {};
  }
  if (session.options().training().sampling && !start.has_other_data) {
    auto& sampling = state.sampling.emplace(self, layout);
    for (auto [sums, part] : {std::pair(&sampling.validation, shards::Part::validation),
                              std::pair(&sampling.test, shards::Part::test)})
      if (session.rows(part) > 0) sums->emplace(self, session.rows(part));
  }
  const auto lines =
      load_start({session, network, start.variant}, start.checkpoint, start.saved, state);
  start.progress = state;
  return lines;
}

/// Other options or data would be recorded of a model that they have not trained.
void require_epochs_left(const StartPoint& start, const Session& session,
                         const std::vector<std::string>& changed) {
  const RunOptions& options = session.options();
  if (!is_finished(start.progress, options)) return;
  throw UsageError(
      "{}: {} epochs are done and --epochs {} asks for no more, so that what is changed ({}) would "
      "train nothing. Ask for more epochs, or leave {} out of --variant.",
      start.checkpoint.string(), start.progress.epoch, options.epochs, fmt::join(changed, "; "),
      start.variant);
}

/// What a result would say of that epoch is of a model that is further.
void require_no_more_than_asked(const ValidCheckpoint& checkpoint, const RunOptions& options) {
  const train::TrainProgress& progress = checkpoint.head.progress;
  if (progress.position == 0 || progress.epoch < static_cast<std::uint64_t>(options.epochs)) return;
  throw UsageError(
      "{}: {} epochs and {} ratings of the next are done, more than --epochs {} asks for; give "
      "--epochs {} or more",
      checkpoint.path.string(), progress.epoch, progress.position, options.epochs,
      progress.epoch + 1);
}

/// The option of a line of differences() where that decides what a model is made of; else empty.
std::string_view model_option(const std::string& line) {
  for (const char* option : {"embedding-dim", "hidden", "age-units", "genre-units", "features",
                             "biases", "dot", "likelihood"}) {
    if (is_of(line, option)) return option;
  }
  return {};
}

/// What some options come to depends on the data.
std::string remedy_of(std::string_view option, bool has_other_data) {
  std::string remedy = fmt::format("--{} as it was", option);
  if (has_other_data && option == "features") remedy += ", and data that have the same features";
  if (has_other_data && option == "likelihood")
    remedy += ", and data with the same levels of ratings";
  return remedy;
}

void require_same_model(const StartPoint& start, const std::vector<std::string>& changed) {
  for (const std::string& line : changed) {
    const auto option = model_option(line);
    if (option.empty()) continue;
    throw UsageError(
        "{}: {}: what a model is made of cannot be changed on the way, by --allow-changes "
        "neither. Give {}, or train in another --run folder.",
        start.checkpoint.string(), line, remedy_of(option, start.has_other_data));
  }
}

StartPoint start_from(const ValidCheckpoint& checkpoint, const Session& session) {
  const auto& [path, head] = checkpoint;
  require_no_more_than_asked(checkpoint, session.options());
  StartPoint start{
      head.info.variant, path, head.progress, head.info.changes, head.info.origin, {}, {}};
  start.saved = head.info;
  auto changed = differences(head.info, session);
  const BuildDifferences build = build_differences(session.build(), head.info.build);
  for (const std::string& line : build.others) session.log().print("{}: {}", start.variant, line);
  changed.insert(changed.end(), build.deciding.begin(), build.deciding.end());
  start.has_other_data = head.info.data_digest != session.data_digest();
  if (changed.empty()) {
    look_at_state(start, session);
    return start;
  }
  if (!session.options().allow_changes) {
    throw UsageError(
        "{}: made with other options, data or build ({}), so the result would be neither run's. "
        "Give those, or --allow-changes, or another --run folder.",
        path.string(), fmt::join(changed, "; "));
  }
  require_same_model(start, changed);
  require_say(start, session, changed);
  start.has_other_sampler =
      session.options().training().sampling &&
      std::ranges::any_of(changed, [](const auto& line) { return is_of(line, "sampler"); });
  start.progress.patience_epoch = start.progress.epoch;  // as require_epochs_left() counts
  require_epochs_left(start, session, changed);
  const auto of_state = look_at_state(start, session);
  start.progress.patience_epoch = start.progress.epoch;  // look_at_state() has replaced it
  changed.insert(changed.end(), of_state.begin(), of_state.end());
  for (const std::string& line : changed) {
    const std::string change = change_at(head.progress.step, line);
    session.log().warn("{} goes on with a change at {}", head.info.variant, change);
    start.changes += change + "\n";
  }
  start.changed = std::move(changed);
  start.progress.seed = static_cast<std::uint64_t>(session.options().seed);
  return start;
}

train::CheckpointOrigin origin_at(const fs::path& path, const std::string& model_digest,
                                  const RunFolder& folder) {
  const fs::path place = io::resolved_path(path);
  return {place.string(), place.lexically_relative(io::resolved_path(folder.path())).string(),
          model_digest};
}

/// Empty: there is no checkpoint any more that can be read.
std::string model_digest_at(const fs::path& path) {
  try {
    return train::read_checkpoint_head(path).model_digest;
  } catch (const InputError&) {  // whoever needs it says why
    return "";
  }
}

/// Whether the run in the folder was begun by this same --resume PATH: then it goes on. What it
/// came from may have been moved since.
bool descends_from(const fs::path& path, Search& search) {
  if (search.newest.empty()) return false;
  const std::string digest = model_digest_at(path);
  const train::CheckpointOrigin asked = origin_at(path, digest, search.folder);
  for (auto& [variant, newest] : search.newest) {
    train::CheckpointOrigin& origin = newest.head.info.origin;
    if (!digest.empty() && origin.model_digest == digest) {
      origin = asked;
      return true;
    }
    if (origin.path != asked.path) continue;
    if (!digest.empty() && !origin.model_digest.empty()) {
      search.session.log().warn(
          "--resume {}: is of another run than the one that {} in {} branched from, which goes on "
          "from its own checkpoint",
          path.string(), variant, search.folder.path().string());
    }
    return true;
  }
  return false;
}

/// Whether a checkpoint is one of this run.
bool is_inside(const fs::path& checkpoint, const RunFolder& folder) {
  return io::resolved_path(checkpoint).parent_path() ==
         io::resolved_path(folder.path() / "checkpoints");
}

/// Whether it is the one that the run goes on from anyway.
bool is_newest(const fs::path& path, const Search& search) {
  return std::ranges::any_of(search.newest, [&](const auto& entry) {
    return io::resolved_path(entry.second.path) == io::resolved_path(path);
  });
}

/// Where no checkpoint of the variant is there: that none is missing.
void require_none_saved(const std::string& variant, const Search& search) {
  const auto epochs = search.folder.history_of(variant);
  const fs::path& run = search.folder.path();
  // Without a history, too, all that a run was is gone.
  const bool has_saved = search.folder.has_saved(variant) && io::is_there(run / History::kFileName);
  if (!has_saved && (epochs.empty() || io::is_there(run / "checkpoints"))) return;
  throw InputError(
      "{}: history.csv has {} epochs of {}, but its checkpoints are gone: put them back, or train "
      "in another --run folder to begin anew",
      run.string(), epochs.size(), variant);
}

void require_fit(const ValidCheckpoint& asked, const Search& search) {
  const RunOptions& options = search.session.options();
  const fs::path& run = search.folder.path();
  const std::string& variant = asked.head.info.variant;
  const auto& names = search.session.variants();
  if (std::ranges::find(names, variant) == names.end()) {
    throw UsageError("--resume {}: is of variant {}, which --variant {} does not name",
                     asked.path.string(), variant, options.variant);
  }
  const auto there = find_checkpoints(run, variant);
  if (there.empty()) return require_none_saved(variant, search);
  if (is_inside(asked.path, search.folder)) {
    throw UsageError(
        "--resume {}: the run in {} has come to step {} of {}, and goes on from there by --resume "
        "auto; choose a new --run folder to branch from an earlier step",
        asked.path.string(), run.string(), there.back().step, variant);
  }
  throw UsageError(
      "--resume {}: --run {} holds checkpoints of {} up to step {}, which would be mixed with "
      "those of another run; choose a new --run folder, or --resume auto",
      asked.path.string(), run.string(), variant, there.back().step);
}

/// Adds to a refusal what could be used in its place.
[[noreturn]] void offer_another(const Error& refusal, const Search& search) {
  for (const std::string& name : search.session.variants()) {
    const auto good = search.newest.find(name);
    if (good == search.newest.end()) continue;
    throw InputError("{}; the newest valid checkpoint of {} there is {}, which --resume auto takes",
                     refusal.what(), name, good->second.path.string());
  }
  throw InputError("{}", refusal.what());
}

/// Only what training saved has an optimiser's state to go on from.
void require_no_sample(const ValidCheckpoint& checkpoint) {
  if (checkpoint.head.info.noise_precision <= 0) return;
  throw InputError(
      "{}: is a sampled model (--keep-samples), not a checkpoint: it can begin a run, by "
      "--warm-start, but no run goes on from it. Give a file of checkpoints/",
      checkpoint.path.string());
}

/// The start that --resume PATH asks for, where it does.
std::optional<StartPoint> asked_start(Search& search) {
  const std::string& resume = search.session.options().resume;
  if (resume == "auto" || resume == "never") return std::nullopt;
  const fs::path path = resume;
  if (is_newest(path, search)) return std::nullopt;
  if (!is_inside(path, search.folder) && descends_from(path, search)) return std::nullopt;
  try {
    const ValidCheckpoint asked{path, train::read_checkpoint_head(path)};
    require_no_sample(asked);
    require_fit(asked, search);
    StartPoint start = start_from(asked, search.session);
    start.origin = origin_at(path, asked.head.model_digest, search.folder);
    return start;
  } catch (const InputError& refusal) {
    offer_another(refusal, search);
  }
}

/// With other levels the model's scores would mean other ratings.
void require_same_likelihood(const ModelSource& source, const std::string& options) {
  const std::string then = value_of(read_option_lines(source.head.info.options), "likelihood");
  const std::string now = value_of(read_option_lines(options), "likelihood");
  if (then == now) return;
  throw UsageError(
      "--warm-start {}: was trained with --likelihood {}, and this run has {}: give the same "
      "likelihood, and data with the same levels of ratings.",
      source.checkpoint.string(), then.empty() ? "gaussian" : then, now.empty() ? "gaussian" : now);
}

/// Blocks that only one of them has would be lost, or begin with nothing.
void require_same_model(const ModelSource& source, const std::string& options) {
  auto others = differing_lines(options, source.head.info.options, "not in force");
  std::erase_if(others, [](const std::string& line) { return model_option(line).empty(); });
  if (others.empty()) return;
  throw UsageError(
      "--warm-start {}: its model is made otherwise than this run's ({}): give the options that it "
      "was trained with, and data that have the same features.",
      source.checkpoint.string(), fmt::join(others, "; "));
}

/// With the weights of another run, from the first epoch on. What was done is recorded as a change,
/// so that every checkpoint and the result have it.
StartPoint begin_with(const ModelSource& source, const std::string& variant,
                      const Session& session) {
  const auto network = session.build_network(variant);
  const std::string options = session.deciding(network);
  require_same_likelihood(source, options);
  require_same_model(source, options);
  StartPoint start{variant, {}, {}, {}, {}, {}, source.checkpoint};
  start.saved = source.head.info;
  if (!session.knows_rows(network)) {
    train::load_parameters(source.checkpoint, saved_layout(network, source.checkpoint));
    return start;
  }
  nn::ParameterSet parameters(network.layout());
  const Continuation who{session, network, variant};
  std::vector<std::string> lines = load_warm_start(who, source.checkpoint, start.saved, parameters);
  const auto first = warm_start_lines({io::resolved_path(source.checkpoint).string(),
                                       source.head.progress.step, source.head.info.data_digest,
                                       earlier_data_digests(source.head.info.changes)});
  lines.insert(lines.begin(), first.begin(), first.end());
  for (const std::string& line : lines) {
    session.log().print("{}: {}{}", variant, kWarmStartMark, line);
    start.changes += fmt::format("{}{}\n", kWarmStartMark, line);
  }
  return start;
}

StartPoint warm_start(const std::string& variant, const Session& session) {
  ModelSource source = find_model(session.options().warm_start, variant, session.log());
  return read_present(source, session.log(), [&] { return begin_with(source, variant, session); });
}

/// Whether --warm-start `asked` names the checkpoint `from`: it, a folder around it, or that of a
/// run whose best lies in one that it came from.
bool may_have_given(const std::string& asked, const std::string& from, const std::string& variant,
                    Log& log) {
  const fs::path place = io::resolved_path(asked);
  if (from == place || from.starts_with(place.string() + "/")) return true;
  std::error_code ignored;
  if (from.empty() || !fs::is_directory(place, ignored)) return false;
  try {
    const auto newest = newest_valid(place, variant, 1, log);
    if (newest.empty()) return false;
    const fs::path beside = fs::path(from).parent_path();
    if (beside == io::resolved_path(place / "checkpoints")) return true;
    const auto origins = find_lineage(place, newest.front().head.info);
    return std::ranges::find(origins, beside, &fs::path::parent_path) != origins.end();
  } catch (const InputError&) {  // what it named is damaged by now, and not needed any more
    return false;
  }
}

/// A run that goes on has its weights: --warm-start says where they came from, or is mistaken.
void require_same_warm_start(const ValidCheckpoint& newest, const Session& session) {
  const std::string& asked = session.options().warm_start;
  if (asked.empty()) return;
  const auto began = warm_start_of(newest.head.info.changes);
  const std::string from = began ? began->place : "";
  if (may_have_given(asked, from, newest.head.info.variant, session.log())) return;
  std::error_code ignored;
  if (!from.empty() && !fs::exists(from, ignored)) {  // moved, or gone
    return session.log().warn(
        "--warm-start {} is not compared: the weights that the run began with were those of {}, "
        "which is not there any more",
        asked, from);
  }
  throw UsageError(
      "--warm-start {}: the run in {} goes on from its own checkpoint, and began with {}. Leave "
      "--warm-start out to go on, or choose a new --run folder.",
      asked, newest.path.parent_path().parent_path().string(),
      from.empty() ? "fresh weights" : fmt::format("the weights of {}", from));
}

/// A run never begins anew unasked: only where it stopped before it had saved.
void require_no_checkpoints_lost(const std::string& variant, const Search& search) {
  require_none_saved(variant, search);
  const auto epochs = search.folder.history_of(variant);
  if (epochs.empty()) return;
  search.session.log().warn("{}: no checkpoint was saved in its {} epochs: it begins anew", variant,
                            epochs.size());
}

StartPoint start_in_folder(const std::string& variant, const Search& search) {
  const auto newest = search.newest.find(variant);
  if (newest != search.newest.end()) {
    require_same_warm_start(newest->second, search.session);
    return start_from(newest->second, search.session);
  }
  require_no_checkpoints_lost(variant, search);
  return search.session.options().warm_start.empty() ? StartPoint{variant, {}, {}, {}, {}, {}, {}}
                                                     : warm_start(variant, search.session);
}

}  // namespace

bool is_out_of_patience(const train::TrainProgress& progress, const RunOptions& options) {
  if (options.patience == 0 || progress.best_step == 0 || progress.position > 0) return false;
  return progress.epoch - progress.patience_epoch >= static_cast<std::uint64_t>(options.patience);
}

bool is_finished(const train::TrainProgress& progress, const RunOptions& options) {
  return progress.epoch >= static_cast<std::uint64_t>(options.epochs) ||
         is_out_of_patience(progress, options);
}

std::vector<std::string> differences(const train::CheckpointInfo& then, const Session& session) {
  const auto network = session.build_network(then.variant);
  auto lines = differing_lines(session.deciding(network), then.options, "not in force");
  if (then.data_digest != session.data_digest()) {
    lines.push_back(data_change(session.data_digest(), then.data_digest));
  }
  return lines;
}

void renew(StartPoint& start, const Session& session) {
  if (!start.warm.empty() && is_gone(start.warm)) start = warm_start(start.variant, session);
}

std::vector<StartPoint> find_starts(const Session& session, const RunFolder& folder) {
  if (session.options().resume == "never" && folder.holds_run()) {
    throw UsageError("--resume never: --run {} holds another run; choose a new folder",
                     folder.path().string());
  }
  folder.require_history();
  Search search{session, folder, {}};
  for (const std::string& name : session.variants()) {
    for (auto& checkpoint : newest_valid(folder.path(), name, 1, session.log())) {
      search.newest.emplace(name, std::move(checkpoint));
    }
  }
  const auto asked = asked_start(search);
  std::vector<StartPoint> starts;
  for (const std::string& name : session.variants()) {
    const bool is_asked = asked && asked->variant == name;
    starts.push_back(is_asked ? *asked : start_in_folder(name, search));
  }
  return starts;
}

}  // namespace nnrec::run
