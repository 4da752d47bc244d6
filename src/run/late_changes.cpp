#include "late_changes.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/nn/rate_schedule.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/train/sampling.hpp"

#include "in_force.hpp"

namespace nnrec::run {
namespace {

/// How lines of options, as checkpoints have them, update a network.
nn::UpdateRules rules_by(const std::string& lines, const models::Network& network) {
  nn::UpdateOptions options;
  for (const auto& [name, value] : read_option_lines(lines)) {
    if (name == "optimizer") options.optimizer = value;
    if (name == "learning-rate")
      options.learning_rate = parse_number<double>(value).value_or(options.learning_rate);
    if (name != "group" || value == "none") continue;
    for (std::string_view group : split(value, ';')) {
      if (group.starts_with(' ')) group.remove_prefix(1);  // "; " stands between them
      options.groups.emplace_back(group);
    }
  }
  return {network.layout(), options};
}

/// Whether the options of now would have begun some block's state with other numbers.
bool begins_otherwise(const nn::UpdateRules& then, const nn::UpdateRules& now) {
  const auto before = then.first_state();
  return std::ranges::any_of(now.first_state(), [&](const auto& block) {
    const auto& [name, value] = block;
    const auto same = std::ranges::find(before, name, [](const auto& one) { return one.first; });
    // Another optimiser's state has other blocks.
    return same != before.end() && same->second != value;
  });
}

/// State that the optimisers of now keep and those of then did not, by name; empty: there is none.
std::string missing_state(const nn::UpdateRules& then, const nn::UpdateRules& now) {
  const auto& before = then.state_layout().blocks();
  for (const nn::Block& block : now.state_layout().blocks()) {
    const auto same = std::ranges::find(before, block.name, &nn::Block::name);
    if (same == before.end() || same->cols != block.cols) return block.name;
  }
  return {};
}

/// Whether one block is updated by the same settings, whatever group they are of.
bool is_updated_alike(const nn::UpdateRules& then, const nn::UpdateRules& now, std::size_t block) {
  const auto settings = [&](const nn::UpdateRules& rules) {
    nn::ParameterGroup group = rules.group_of(block);
    group.blocks.clear();
    return group.text();
  };
  return settings(then) == settings(now);
}

/// What both sides say of an option.
struct Values {
  std::string then;
  std::string now;
};

Values values_of(const StartPoint& start, const Session& session, std::string_view option) {
  return {
      value_of(read_option_lines(start.saved.options), option),
      value_of(read_option_lines(session.deciding(session.build_network(start.variant))), option)};
}

/// The first one that training may go on with; a started epoch may begin anew.
NextUpdate next_update_of(const StartPoint& start, const Session& session,
                          const std::vector<std::string>& changed) {
  train::TrainProgress progress = start.progress;
  const auto is_other_order = [](const std::string& line) {
    return is_of(line, "seed") || is_of(line, "order");
  };
  if (start.has_other_data || std::ranges::any_of(changed, is_other_order)) progress.position = 0;
  return next_update(session, progress);
}

bool is_risen(const std::string& warm_up, const NextUpdate& next) {
  const nn::RateSchedule rise("constant", nn::parse_warm_up(warm_up.empty() ? "none" : warm_up), 1);
  return rise.factor(next.before, next.after) == 1;
}

/// What a schedule multiplies this update's rate by and every later one's; nothing: it still moves.
std::optional<double> settled(const std::string& schedule, const NextUpdate& next) {
  const nn::RateSchedule shape(schedule.empty() ? "constant" : schedule, {}, 1);
  const double now = shape.factor(next.before, next.after);
  constexpr double kNever = std::numeric_limits<double>::max();
  // None rises, so that what ends as it is stays so.
  const bool stays =
      shape.factor({next.before.updates, kNever}, {next.after.updates, kNever}) == now;
  return stays ? std::optional(now) : std::nullopt;
}

/// Whether all that differs is of a stretch that is over: `epochs` are done.
bool is_same_from_here(const train::SamplingOptions& then, const train::SamplingOptions& now,
                       std::uint64_t epochs) {
  if (epochs > then.burn_in) return false;  // the mean of samples begins anew
  const auto is_same_or_over = [&](auto member, const auto& is_over) {
    return then.*member == now.*member || (is_over(then) && is_over(now));
  };
  using O = train::SamplingOptions;
  const auto is_warm = [&](const O& one) { return one.warm_up <= epochs; };
  const auto is_ramped = [&](const O& one) {
    return is_warm(one) && epochs - one.warm_up + 1 >= one.ramp;
  };
  const auto is_drawn = [&](const O& one) { return one.resample_from <= epochs + 1; };
  return then.step == now.step && then.burn_in == now.burn_in &&
         then.dense_precision == now.dense_precision && then.dense_scale == now.dense_scale &&
         then.diverged == now.diverged && then.snapshot_every == now.snapshot_every &&
         is_same_or_over(&O::warm_up, is_ramped) && is_same_or_over(&O::ramp, is_ramped) &&
         is_same_or_over(&O::resample_from, is_drawn);
}

class LateChanges {
 public:
  LateChanges(const StartPoint& start, const Session& session,
              const std::vector<std::string>& changed)
      : start_(start), session_(session), next_(next_update_of(start, session, changed)) {
    const auto network = session.build_network(start.variant);
    const auto then = rules_by(start.saved.options, network);
    const auto now = rules_by(session.deciding(network), network);
    begins_otherwise_ = begins_otherwise(then, now);
    missing_state_ = missing_state(then, now);
    if (network.ordinal())
      moves_cuts_otherwise_ = !is_updated_alike(then, now, network.ordinal_block());
  }

  /// Of state that has been gathered since the run began; empty: it has all that this change needs.
  std::string lacking_state(const std::string& line) const {
    return is_of(line, "optimizer") || is_of(line, "group") ? missing_state_ : std::string();
  }

  bool is_too_late(const std::string& line) const {
    if (is_of(line, "first-weights")) return !start_.has_other_data;
    if (is_of(line, "sampler")) return is_sampled_alike();
    const bool is_of_optimizer = is_of(line, "optimizer") || is_of(line, "group");
    const bool is_of_rate =
        is_of(line, "learning-rate") || is_of(line, "rate-schedule") || is_of(line, "warm-up");
    const auto sampling = session_.options().training().sampling;
    if (sampling && start_.progress.epoch >= sampling->warm_up) {
      // Of nn::Ordinal the cuts alone are learnt on.
      if (!session_.options().is_ordinal()) return is_of_optimizer || is_of_rate;
      if (is_of_optimizer || is_of(line, "learning-rate")) return !moves_cuts_otherwise_;
    }
    if (is_of_rate) return is_rate_over(line);
    return is_of_optimizer && begins_otherwise_ && !start_.has_other_data;
  }

 private:
  Values values(std::string_view option) const { return values_of(start_, session_, option); }

  bool is_rate_over(const std::string& line) const {
    const Values schedule = values("rate-schedule");
    const auto then = settled(schedule.then, next_);
    const bool is_settled = then && then == settled(schedule.now, next_);
    if (is_settled && *then == 0) return true;
    if (is_of(line, "rate-schedule")) return is_settled;
    const Values warm_up = values("warm-up");
    return is_of(line, "warm-up") && is_risen(warm_up.then, next_) && is_risen(warm_up.now, next_);
  }

  bool is_sampled_alike() const {
    const Values sampler = values("sampler");
    if (sampler.then.empty() || sampler.now.empty()) return false;
    return is_same_from_here(*train::parse_sampling(sampler.then),
                             *train::parse_sampling(sampler.now), start_.progress.epoch);
  }

  const StartPoint& start_;
  const Session& session_;
  NextUpdate next_;
  bool begins_otherwise_ = false;
  std::string missing_state_;
  bool moves_cuts_otherwise_ = false;
};

}  // namespace

bool is_of(const std::string& line, std::string_view option) {
  return line.starts_with(fmt::format("{} = ", option));
}

void require_say(const StartPoint& start, const Session& session,
                 const std::vector<std::string>& changed) {
  const LateChanges late(start, session, changed);
  for (const std::string& line : changed) {
    if (late.is_too_late(line))
      throw UsageError(
          "{}: {}: would change nothing from here on, or not all of it would: it is of what is "
          "over by now (the weights and the optimiser's state that a run begins with, a warm-up, "
          "a schedule that has come to its end, with --sampler training by the optimiser). Give "
          "it as it was, or train in another --run folder.",
          start.checkpoint.string(), line);
    const std::string state = late.lacking_state(line);
    if (!state.empty())
      throw UsageError(
          "{}: {}: needs {}, which the optimiser so far does not keep, or not in that shape, so "
          "that it cannot be taken up on the way. Go on as before, or begin another --run folder "
          "by --warm-start.",
          start.checkpoint.string(), line, state);
  }
}

}  // namespace nnrec::run
