#include "nnrec/nn/update_rules.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/base/range.hpp"
#include "nnrec/base/settings.hpp"

namespace nnrec::nn {
namespace {

/// `*` stands for any letters, `?` for one.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t star = std::string_view::npos;  // the last one met, and how far it reaches
  std::size_t reach = 0;
  std::size_t p = 0;
  std::size_t n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      reach = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++reach;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool is_bias(const Block& block) {
  return block.name.ends_with("bias");
}

/// The group's own optimiser, or the one outside with what the group says otherwise.
NamedOptimizer optimizer_of(const std::string& owner, const NamedOptimizer& outside,
                            Settings& group) {
  const auto name = group.word_if_given("optimizer");
  const std::string& chosen = name ? *name : outside.name;
  Settings settings(fmt::format("{}: {}", owner, chosen), name ? "" : outside.settings);
  group.hand_rest_to(settings);
  return make_optimizer(chosen, std::move(settings));
}

bool parse_rows(const std::string& owner, const std::string& rows) {
  if (rows != "all" && rows != "touched") {
    throw UsageError("{}: rows = {} is not touched or all", owner, rows);
  }
  return rows == "all";
}

ParameterGroup parse_group(std::string_view text, const UpdateOptions& options,
                           const ParameterGroup& outside) {
  const auto [blocks, words] = split_choice(text);
  const std::string owner(blocks);
  if (blocks.empty() || words.empty()) {
    throw UsageError("{} is not BLOCKS:setting=value,... as in tables:optimizer=adamw,rate=0.01",
                     text);
  }
  Settings settings(owner, words);
  constexpr NumberRange kRates{0, 1e30};
  const auto rate = settings.number_if_given("rate", kRates);
  const auto factor = settings.number_if_given("rate_factor", kRates);
  if (rate && factor) throw UsageError("{}: give rate or rate_factor, not both", owner);
  ParameterGroup group{
      std::string(blocks), {}, rate.value_or(options.learning_rate * factor.value_or(1))};
  const auto penalty = [&](std::string_view name) {
    return settings.number_if_given(name, {0, 1e30}).value_or(0);
  };
  group.l2 = penalty("l2");
  group.row_penalty = penalty("row_penalty");
  group.count_penalty = penalty("count_penalty");
  group.moves_all_rows = parse_rows(owner, settings.word_if_given("rows").value_or("touched"));
  group.optimizer = optimizer_of(owner, outside.optimizer, settings);
  return group;
}

}  // namespace

bool ParameterGroup::holds(const Block& block) const {
  if (blocks == "biases") return is_bias(block);
  if (blocks == "tables") return block.kind == BlockKind::table && !is_bias(block);
  if (blocks == "dense") return block.kind == BlockKind::dense && !is_bias(block);
  return matches(blocks, block.name);
}

std::string ParameterGroup::text() const {
  std::string rows;
  if (penalizes_rows()) {
    rows = fmt::format(",row_penalty={},count_penalty={}", row_penalty, count_penalty);
  }
  if (moves_all_rows) rows += ",rows=all";
  return fmt::format("{}:optimizer={},{}{}rate={},l2={}{}", blocks, optimizer.name,
                     optimizer.settings, optimizer.settings.empty() ? "" : ",", rate, l2, rows);
}

std::vector<ParameterGroup> parse_groups(const UpdateOptions& options) {
  std::vector<ParameterGroup> groups;
  groups.push_back({"*", make_optimizer(options.optimizer), options.learning_rate});
  for (const std::string& text : options.groups) {
    groups.push_back(parse_group(text, options, groups.front()));
  }
  return groups;
}

UpdateRules::UpdateRules(const ParameterLayout& layout, const UpdateOptions& options)
    : groups_(parse_groups(options)), average_decay_(options.average_decay) {
  for (const Block& block : layout.blocks()) {
    std::size_t group = groups_.size() - 1;
    while (!groups_[group].holds(block)) --group;  // the first holds all
    const auto slots = groups_[group].optimizer.optimizer->slots();
    if (slots.size() > kMostSlots) {
      throw InternalError("{} keeps more than {} slots", groups_[group].optimizer.name, kMostSlots);
    }
    places_.push_back({group, state_layout_.blocks().size(), slots.size()});
    for (const Slot& slot : slots) {
      state_layout_.add(slot.name + "/" + block.name, block.rows,
                        slot.shape == SlotShape::row ? 1 : block.cols, block.kind,
                        InitialValues::zero);
      initial_.push_back(slot.initial);
    }
  }
}

std::vector<std::string> UpdateRules::groups_in_force() const {
  std::vector<std::string> texts;
  for (std::size_t group = 1; group < groups_.size(); ++group) {
    if (std::ranges::find(places_, group, &Place::group) == places_.end()) continue;
    texts.push_back(groups_[group].text());
  }
  return texts;
}

std::vector<std::pair<std::string, float>> UpdateRules::first_state() const {
  std::vector<std::pair<std::string, float>> first;
  for (std::size_t block = 0; block < initial_.size(); ++block)
    first.emplace_back(state_layout_[block].name, initial_[block]);
  return first;
}

ParameterSet UpdateRules::initial_state() const {
  ParameterSet state(state_layout_);
  initialize(state, 0, 1);
  return state;
}

void UpdateRules::initialize(ParameterSet& state, int share, int shares) const {
  for (std::size_t block = 0; block < initial_.size(); ++block) {
    const auto values = state.values(block);
    const Range own = share_of(values.size(), share, shares);
    std::ranges::fill(values.subspan(own.begin, own.size()), initial_[block]);
  }
}

}  // namespace nnrec::nn
