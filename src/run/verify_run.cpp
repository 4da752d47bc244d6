#include "nnrec/run/verify_run.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/trainer.hpp"

#include "resume.hpp"
#include "start_state.hpp"

namespace nnrec::run {
namespace {

/// Two ends of what is replayed.
struct Stretch {
  train::TrainState from;
  train::TrainState to;
};

/// The checkpoint that the newest goes back to: the one before or, on a branch, that which it
/// branched from. Nothing: the run's beginning.
std::filesystem::path checkpoint_before(const std::vector<ValidCheckpoint>& newest) {
  return newest.size() > 1 ? newest[1].path : std::filesystem::path(newest[0].head.info.origin);
}

/// A damaged newest one is the first thing that who verifies wants to know.
void require_newest(const std::string& run, const ValidCheckpoint& valid) {
  const auto found = find_checkpoints(run, valid.head.info.variant);
  if (found.back().step == valid.head.progress.step) return;
  throw InputError(
      "{}: the run's newest checkpoint was refused, so its last stretch cannot be replayed. Move "
      "it "
      "out of the folder to verify up to {}.",
      found.back().path.string(), valid.path.string());
}

/// What was trained with the options before a change is not to be replayed with those after it.
void require_one_setting(const ValidCheckpoint& newest, std::uint64_t from) {
  const std::uint64_t change = last_change_step(newest.head.info.changes);
  if (from >= change) return;
  throw InputError(
      "{}: cannot be replayed: options, data or build were changed at step {}, and of the "
      "checkpoints "
      "from there on only this one is kept. Train on with --keep 2 or more, then verify.",
      newest.path.string(), change);
}

/// Nor is the first stretch after a warm start, whose first weights no seed gives.
void require_own_beginning(const ValidCheckpoint& newest) {
  if (!newest.head.info.changes.starts_with(kWarmStartMark)) return;
  throw InputError(
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

/// Rank 0 reads both ends, all get them.
Stretch last_stretch(const Session& session, const std::string& variant,
                     const models::Network& network, const nn::UpdateRules& rules) {
  train::TrainState from = session.initial_state(network, rules);
  train::TrainState to = session.initial_state(network, rules);
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    const auto newest = newest_valid(session.options().verify, variant, 2, session.log());
    require_newest(session.options().verify, newest[0]);
    const auto changed = differences(newest[0].head.info, session);
    if (!changed.empty()) {
      throw InputError("{}: made with other options or data ({}); give those",
                       newest[0].path.string(), fmt::join(changed, "; "));
    }
    warn_of_build(newest[0], session);
    train::load_checkpoint(newest[0].path, to);
    const auto before = checkpoint_before(newest);
    // Where seed or data were changed, they were changed here.
    if (before.empty()) {
      require_own_beginning(newest[0]);
    } else {
      load_start({session, network, variant}, before, from);
    }
    require_one_setting(newest[0], from.step);
    if (from.step == to.step) {
      throw InputError(
          "{}: nothing was trained between it and {}: there is nothing to replay. Verify the run "
          "that it came from.",
          newest[0].path.string(), before.string());
    }
  });
  train::copy_to_all(session.ranks(), from);
  train::copy_to_all(session.ranks(), to);
  return {std::move(from), std::move(to)};
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

void verify_variant(const Session& session, const std::string& variant) {
  const models::Network network = session.build_network(variant);
  const nn::UpdateRules rules = session.make_rules(network);
  Stretch stretch = last_stretch(session, variant, network, rules);
  const std::uint64_t first = stretch.from.step;
  const std::uint64_t last = stretch.to.step;
  train::Trainer trainer = session.make_trainer(network, rules, std::move(stretch.from));
  train_to(last, trainer, session);
  trainer.complete_state();
  const std::string expected = stretch.to.digest();
  const std::string replayed = trainer.state().digest();
  if (replayed != expected) {
    throw comm::AgreedError(
        ErrorKind::input,
        fmt::format("{}: steps {} to {} replayed give other bits (state digest {:.16}, the "
                    "checkpoint has {:.16}): they were trained by another build or with other "
                    "options, or the hardware errs",
                    variant, first, last, replayed, expected));
  }
  session.log().print("{}: steps {} to {} replayed on {} ranks x {} threads: same bits, digest {}",
                      variant, first, last, session.ranks().size(), session.team().size(),
                      trainer.state().model().digest());
}

/// Others were trained by another command, whose options are not known.
void name_others(const Session& session) {
  for (const auto& variant : models::variants()) {
    const std::string name(variant.name);
    const auto& named = session.variants();
    if (std::ranges::find(named, name) != named.end() || !has_checkpoint(session, name)) continue;
    session.log().warn(
        "{} is not verified: the run's last command did not train it; --variant {}, with its own "
        "options where they are others, verifies it",
        name, name);
  }
}

}  // namespace

void verify_run(const Session& session) {
  bool any = false;
  for (const std::string& name : session.variants()) {
    if (!has_checkpoint(session, name)) continue;
    verify_variant(session, name);
    any = true;
  }
  name_others(session);
  if (!any) {
    throw comm::AgreedError(ErrorKind::input,
                            fmt::format("--verify {}: no checkpoint is there to be replayed",
                                        session.options().verify));
  }
}

}  // namespace nnrec::run
