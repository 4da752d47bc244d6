#include "nnrec/run/verify_run.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/lineage.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/trainer.hpp"

#include "resume.hpp"
#include "start_state.hpp"

namespace nnrec::run {
namespace {

/// A variant of which nothing can be replayed, which is no fault of its checkpoints.
class NothingToReplay : public InputError {
  using InputError::InputError;
};

/// Two ends of what is replayed.
struct Stretch {
  train::TrainState from;
  train::TrainState to;
};

/// Their checkpoints.
struct Ends {
  ValidCheckpoint newest;
  std::optional<ValidCheckpoint> before;  ///< nothing: the run's beginning
};

/// On a branch that has one alone.
ValidCheckpoint branching_point(const std::string& run, const ValidCheckpoint& newest) {
  try {
    return find_origin(run, newest.head.info);
  } catch (const InputError& refusal) {
    throw NothingToReplay(
        "{}. The run's own checkpoints are {} alone: train on with --keep 2 or more, then verify.",
        refusal.what(), newest.path.string());
  }
}

/// A damaged newest one is the first thing that who verifies wants to know.
void require_newest(const SavedCheckpoint& found, const ValidCheckpoint& valid) {
  if (found.step == valid.head.progress.step) return;
  throw InputError(
      "{}: the run's newest checkpoint was refused, so its last stretch cannot be replayed. Move "
      "it out of the folder to verify up to {}.",
      found.path.string(), valid.path.string());
}

/// By one look into the folder, where a job may be training. Nothing: one of them is gone since.
std::optional<Ends> find_ends(const Session& session, const std::string& variant) {
  const std::string& run = session.options().verify;
  const auto found = find_checkpoints(run, variant);
  const auto newest = newest_valid(run, variant, found, 2, session.log());
  const auto last_two = found.size() < 2 ? found.begin() : found.end() - 2;
  const bool is_removed = std::any_of(last_two, found.end(),
                                      [](const SavedCheckpoint& one) { return is_gone(one.path); });
  if (is_removed || newest.empty()) return std::nullopt;
  require_newest(found.back(), newest[0]);
  Ends ends{newest[0], {}};
  if (newest.size() > 1) {
    ends.before = newest[1];
  } else if (!newest[0].head.info.origin.path.empty()) {
    ends.before = branching_point(run, newest[0]);
  }
  return ends;
}

/// What was trained with the options before a change is not to be replayed with those after it.
void require_one_setting(const ValidCheckpoint& newest, std::uint64_t from) {
  const std::uint64_t change = last_change_step(newest.head.info.changes);
  if (from >= change) return;
  throw NothingToReplay(
      "{}: cannot be replayed: options, data or build were changed at step {}, and of the "
      "checkpoints "
      "from there on only this one is kept. Train on with --keep 2 or more, then verify.",
      newest.path.string(), change);
}

/// Nor is the first stretch after a warm start, whose first weights no seed gives.
void require_own_beginning(const ValidCheckpoint& newest) {
  if (!newest.head.info.changes.starts_with(kWarmStartMark)) return;
  throw NothingToReplay(
      "{}: cannot be replayed: the run began with the weights of another run, and of its "
      "checkpoints only this one is kept. Train on with --keep 2 or more, then verify.",
      newest.path.string());
}

/// Whether another build gives the same bits is what a replay can tell.
void warn_of_build(const ValidCheckpoint& newest, const Session& session) {
  const auto other = build_differences(session.build(), newest.head.info.build).deciding;
  if (other.empty()) return;
  session.log().warn("{}: saved by another build, which may give other bits ({})",
                     newest.path.string(), fmt::join(other, "; "));
}

/// Into states of a run that begins.
void load_ends(const Continuation& who, const Ends& ends, Stretch& stretch) {
  const auto changed = differences(ends.newest.head.info, who.session);
  if (!changed.empty()) {
    throw InputError("{}: made with other options or data ({}); give those",
                     ends.newest.path.string(), fmt::join(changed, "; "));
  }
  train::load_checkpoint(ends.newest.path, stretch.to);
  // Where seed or data were changed, they were changed here.
  if (!ends.before) {
    require_own_beginning(ends.newest);
  } else {
    load_start(who, ends.before->path, ends.before->head.info, stretch.from);
  }
  require_one_setting(ends.newest, stretch.from.step);
  if (stretch.from.step != stretch.to.step) return;
  throw NothingToReplay(
      "{}: nothing was trained between it and {}: there is nothing to replay. Verify the run that "
      "it came from.",
      ends.newest.path.string(), ends.before ? ends.before->path.string() : "its beginning");
}

/// What a job that trains there removes while it is read is looked for anew.
Ends load_newest_ends(const Continuation& who, Stretch& stretch) {
  const std::uint64_t seed = stretch.from.seed;
  bool has_first_weights = true;
  for (int look = 1; look <= kMostLooks; ++look) {
    const auto ends = find_ends(who.session, who.variant);
    if (!ends) continue;
    if (!ends->before && !has_first_weights) break;
    has_first_weights = !ends->before;
    stretch.from.seed = seed;
    try {
      load_ends(who, *ends, stretch);
      return *ends;
    } catch (const Error&) {
      if (!is_gone(ends->newest.path) && !(ends->before && is_gone(ends->before->path))) throw;
    }
  }
  throw_removed(who.session.options().verify, who.variant);
}

/// Rank 0 reads both ends, all get them. Nothing: there is none, and `why` says why.
std::optional<Stretch> last_stretch(const Session& session, const std::string& variant,
                                    const models::Network& network, const nn::UpdateRules& rules,
                                    std::string& why) {
  Stretch stretch{session.initial_state(network, rules), session.initial_state(network, rules)};
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    try {
      warn_of_build(load_newest_ends({session, network, variant}, stretch).newest, session);
    } catch (const NothingToReplay& reason) {
      why = reason.what();
    }
  });
  why = session.ranks().gather_all(why).front();
  if (!why.empty()) return std::nullopt;
  train::copy_to_all(session.ranks(), stretch.from);
  train::copy_to_all(session.ranks(), stretch.to);
  return stretch;
}

void train_to(std::uint64_t last_step, train::Trainer& trainer, const Session& session) {
  while (trainer.state().step < last_step) {
    const train::Pause pause = trainer.train([&](std::uint64_t step) {
      return train::StepRequest{session.signals().received() != 0, step == last_step};
    });
    if (pause.stop) {
      throw comm::AgreedError(ErrorKind::interrupted,
                              "stopped as asked; verifying saves nothing, run it again");
    }
  }
}

/// Whether rank 0 sees one. Collective.
bool has_checkpoint(const Session& session, const std::string& variant) {
  std::array<std::int64_t, 1> found{};
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    found[0] = find_checkpoints(session.options().verify, variant).empty() ? 0 : 1;
  });
  session.ranks().maximum(found);
  return found[0] != 0;
}

/// What has come of the variants, alike on all ranks.
struct Outcome {
  int replayed = 0;
  std::vector<std::string> differences;
  std::vector<std::string> left_out;  ///< "VARIANT is not verified: why"
};

void verify_variant(const Session& session, const std::string& variant, Outcome& outcome) {
  const models::Network network = session.build_network(variant);
  const nn::UpdateRules rules = session.make_rules(network);
  std::string why;
  std::optional<Stretch> stretch;
  if (has_checkpoint(session, variant)) {
    stretch = last_stretch(session, variant, network, rules, why);
  } else {
    why = "no checkpoint is there to be replayed";
  }
  if (!stretch) {
    outcome.left_out.push_back(fmt::format("{} is not verified: {}", variant, why));
    return;
  }
  const std::uint64_t first = stretch->from.step;
  const std::uint64_t last = stretch->to.step;
  train::Trainer trainer = session.make_trainer(network, rules, std::move(stretch->from));
  train_to(last, trainer, session);
  trainer.complete_state();
  ++outcome.replayed;
  const std::string expected = stretch->to.digest();
  const std::string replayed = trainer.state().digest();
  if (replayed == expected) {
    session.log().print(
        "{}: steps {} to {} replayed on {} ranks x {} threads: same bits, digest {}", variant,
        first, last, session.ranks().size(), session.team().size(),
        trainer.state().model().digest());
    return;
  }
  outcome.differences.push_back(
      fmt::format("{}: steps {} to {} replayed give other bits (state digest {:.16}, the "
                  "checkpoint has {:.16}): they were trained by another build or with other "
                  "options, or the hardware errs",
                  variant, first, last, replayed, expected));
}

/// Others were trained by another command, whose options are not known, or are left out as who
/// verifies says.
void name_others(const Session& session) {
  RunOptions last;
  last.variant = value_of(read_saved_options(session.options().verify), "variant");
  const auto trained_last = last.variant_names();
  for (const auto& variant : models::variants()) {
    const std::string name(variant.name);
    const auto& named = session.variants();
    if (std::ranges::find(named, name) != named.end() || !has_checkpoint(session, name)) continue;
    if (std::ranges::find(trained_last, name) != trained_last.end()) continue;
    session.log().warn(
        "{} is not verified: the run's last command did not train it; --variant {}, with its own "
        "options where they are others, verifies it",
        name, name);
  }
}

}  // namespace

void verify_run(const Session& session) {
  Outcome outcome;
  for (const std::string& name : session.variants()) verify_variant(session, name, outcome);
  if (outcome.replayed > 0)
    for (const std::string& line : outcome.left_out) session.log().warn("{}", line);
  name_others(session);
  comm::agree(session.ranks(), [&] {
    if (!outcome.differences.empty()) throw InputError("{}", fmt::join(outcome.differences, "; "));
    if (outcome.replayed == 0) {
      throw InputError("--verify {}: nothing is replayed: {}", session.options().verify,
                       fmt::join(outcome.left_out, "; "));
    }
  });
}

}  // namespace nnrec::run
