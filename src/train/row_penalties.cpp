#include "nnrec/train/row_penalties.hpp"

#include <algorithm>

#include "nnrec/nn/integer_power.hpp"

namespace nnrec::train {
namespace {

float factor_of(const nn::ParameterGroup& group, std::uint64_t look_ups, std::uint64_t step_rows,
                std::uint64_t ratings) {
  if (look_ups == 0) return 0.0F;  // never touched
  const auto count = static_cast<double>(look_ups);
  const auto all = static_cast<double>(ratings);
  const double of_all = std::min(1.0, static_cast<double>(step_rows) / all);
  const double touched = group.moves_all_rows ? 1 : 1 - nn::integer_power(1 - of_all, look_ups);
  return static_cast<float>(2 * (group.row_penalty + group.count_penalty * count) /
                            (all * touched));
}

}  // namespace

RowPenalties::RowPenalties(const models::Network& network, const nn::UpdateRules& rules,
                           const TrainingTally& tally, std::uint64_t step_rows) {
  const auto& blocks = network.layout().blocks();
  factors_.resize(blocks.size());
  const auto fill = [&](std::size_t block, const std::vector<std::int64_t>& look_ups) {
    for (const std::int64_t count : look_ups) {
      factors_[block].push_back(factor_of(rules.group_of(block), static_cast<std::uint64_t>(count),
                                          step_rows, tally.ratings()));
    }
  };
  const auto is_penalized = [&](std::size_t block) {
    return rules.group_of(block).penalizes_rows();
  };
  for (const models::TableUse& table : network.tables()) {
    if (!is_penalized(table.block)) continue;
    fill(table.block, tally.look_ups(table.column, blocks[table.block].rows));
  }
  const auto all = static_cast<std::int64_t>(tally.ratings());
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    if (blocks[block].kind != nn::BlockKind::dense || !is_penalized(block)) continue;
    fill(block, std::vector<std::int64_t>(blocks[block].rows, all));
  }
}

}  // namespace nnrec::train
