#include "trial_tables.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"

#include "app/output/text_table.hpp"

namespace nnrec::app {
namespace {

constexpr std::size_t kGroups = 4;
constexpr std::size_t kFewestTrials = 4;

/// A trial with the last of its rungs that has ended.
struct RankedTrial {
  std::size_t trial = 0;
  std::size_t rung = 0;
  double rmse = 0;
};

std::vector<RankedTrial> ranked(const std::vector<Rung>& rungs) {
  std::vector<RankedTrial> trials;
  std::set<std::size_t> seen;
  for (std::size_t number = rungs.size(); number-- > 0;) {
    for (const TrialEnd& end : rungs[number]) {
      if (end.has_error() && seen.insert(end.trial).second)
        trials.push_back({end.trial, number, *end.rmse});
    }
  }
  std::ranges::stable_sort(trials, [](const RankedTrial& a, const RankedTrial& b) {
    return a.rung != b.rung ? a.rung > b.rung : a.rmse < b.rmse;
  });
  return trials;
}

TableRow row_of(const TuningPlan& plan, const RankedTrial& trial, std::size_t place) {
  TableRow row{Tuning::trial_name(trial.trial), fmt::format("{}", place),
               fmt::format("{}", plan.halving.epochs[trial.rung]),
               fmt::format("{:.4f}", trial.rmse)};
  const std::size_t places = plan.space.places().size();
  const std::vector<std::string> values = trial.trial == 0
                                              ? std::vector<std::string>(places, "-")
                                              : plan.space.draw(plan.seed, trial.trial).values;
  row.insert(row.end(), values.begin(), values.end());
  return row;
}

std::string state_lines(const TuningPlan& plan, const std::vector<Rung>& rungs) {
  std::string lines;
  for (std::size_t number = 0; number < rungs.size(); ++number) {
    const auto failed = std::ranges::count_if(rungs[number], &TrialEnd::has_failed);
    if (failed > 0)
      lines += fmt::format("{} of {} trials failed in {} epochs: TRIAL/epochs-{}.failed says why\n",
                           failed, rungs[number].size(), plan.halving.epochs[number],
                           plan.halving.epochs[number]);
  }
  const auto open =
      std::ranges::count_if(rungs.back(), [](const TrialEnd& end) { return !end.rmse; });
  if (open > 0 || rungs.size() < plan.halving.epochs.size())
    lines += fmt::format("not done yet: {} of {} trials of rung {} of {} are to be trained\n", open,
                         rungs.back().size(), rungs.size(), plan.halving.epochs.size());
  return lines;
}

/// A trial of the first rung, at a place.
struct ValueEnd {
  std::string value;
  double number = 0;  ///< of a range
  double rmse = 0;
};

std::vector<ValueEnd> ends_at(const TuningPlan& plan, const Rung& first, std::size_t place) {
  std::vector<ValueEnd> ends;
  for (const TrialEnd& end : first) {
    if (end.trial == 0 || !end.has_error()) continue;
    const std::string value = plan.space.draw(plan.seed, end.trial).values[place];
    ends.push_back({value, parse_number<double>(value).value_or(0), *end.rmse});
  }
  return ends;
}

std::vector<std::vector<ValueEnd>> grouped(const ValueSet& set, std::vector<ValueEnd> ends) {
  std::vector<std::vector<ValueEnd>> groups;
  if (set.kind() == ValueSet::Kind::list) {
    for (const std::string& value : set.values()) {
      std::vector<ValueEnd> group;
      std::ranges::copy_if(ends, std::back_inserter(group),
                           [&value](const ValueEnd& end) { return end.value == value; });
      if (!group.empty()) groups.push_back(std::move(group));
    }
    return groups;
  }
  std::ranges::stable_sort(ends, {}, &ValueEnd::number);
  for (std::size_t i = 0; i < kGroups; ++i) {
    const auto begin = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() * i / kGroups);
    const auto end = ends.begin() + static_cast<std::ptrdiff_t>(ends.size() * (i + 1) / kGroups);
    groups.emplace_back(begin, end);
  }
  return groups;
}

double mean_of(const std::vector<ValueEnd>& ends) {
  double sum = 0;
  for (const ValueEnd& end : ends) sum += end.rmse;
  return sum / static_cast<double>(ends.size());
}

ValueGroup summary_of(const ValueSet& set, const std::vector<ValueEnd>& ends) {
  ValueGroup group;
  group.values = set.kind() == ValueSet::Kind::list || ends.front().value == ends.back().value
                     ? ends.front().value
                     : fmt::format("{}..{}", ends.front().value, ends.back().value);
  group.trials = ends.size();
  group.mean = mean_of(ends);
  group.best = std::ranges::min_element(ends, {}, &ValueEnd::rmse)->rmse;
  return group;
}

PlaceEffect effect_of(const ValueSet& set, const std::vector<ValueEnd>& ends) {
  PlaceEffect effect;
  const double mean = mean_of(ends);
  double all = 0;
  for (const ValueEnd& end : ends) all += (end.rmse - mean) * (end.rmse - mean);
  double between = 0;
  for (const auto& group : grouped(set, ends)) {
    effect.groups.push_back(summary_of(set, group));
    const double difference = effect.groups.back().mean - mean;
    between += static_cast<double>(group.size()) * difference * difference;
  }
  effect.share = all > 0 ? between / all : 0;
  effect.share_by_chance =
      static_cast<double>(effect.groups.size() - 1) / static_cast<double>(ends.size() - 1);
  return effect;
}

}  // namespace

std::string trials_table(const TuningPlan& plan, const std::vector<Rung>& rungs) {
  std::vector<TableRow> rows{{"trial", "place", "epochs", "validation RMSE"}};
  for (const SearchedPlace& place : plan.space.places()) rows.front().push_back(place.label);
  for (const RankedTrial& trial : ranked(rungs)) rows.push_back(row_of(plan, trial, rows.size()));
  return table_of_texts(rows, TableFormat::text) + state_lines(plan, rungs);
}

std::vector<PlaceEffect> effects_of(const TuningPlan& plan, const Rung& first) {
  std::vector<PlaceEffect> effects;
  const auto& places = plan.space.places();
  for (std::size_t place = 0; place < places.size(); ++place) {
    const auto ends = ends_at(plan, first, place);
    if (ends.size() < kFewestTrials) return {};
    effects.push_back(effect_of(places[place].values, ends));
    effects.back().place = place;
  }
  std::ranges::stable_sort(effects, std::greater{}, &PlaceEffect::share);
  return effects;
}

std::string effects_table(const TuningPlan& plan, const std::vector<PlaceEffect>& effects) {
  std::vector<TableRow> rows{
      {"option", "share of variance", "by chance", "trials", "mean RMSE", "best", "values"}};
  for (const PlaceEffect& effect : effects) {
    TableRow front{plan.space.places()[effect.place].label,
                   fmt::format("{:.0f} %", 100 * effect.share),
                   fmt::format("{:.0f} %", 100 * effect.share_by_chance)};
    for (const ValueGroup& group : effect.groups) {
      TableRow row = front;
      row.insert(row.end(), {fmt::format("{}", group.trials), fmt::format("{:.4f}", group.mean),
                             fmt::format("{:.4f}", group.best), group.values});
      rows.push_back(std::move(row));
      front = {"", "", ""};
    }
  }
  return fmt::format("what matters, by all trials after {} epochs:\n",
                     plan.halving.epochs.front()) +
         table_of_texts(rows, TableFormat::text);
}

}  // namespace nnrec::app
