#include "nnrec/serve/error_tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/format.h>

#include "nnrec/serve/answers.hpp"

namespace nnrec::serve {
namespace {

/// Which group each row is in, and what the groups are called.
struct Grouping {
  std::string name;
  std::string caption;
  std::vector<std::uint32_t> group_of_row;
  std::vector<std::string> labels;
};

Grouping by_exposure(const EvaluatedRows& rows, const TrainingFacts& facts) {
  Grouping grouping{"by_exposure", "By what training knew of user and item:", {}, {}};
  for (std::size_t i = 0; i < kExposures; ++i)
    grouping.labels.emplace_back(exposure_name(static_cast<Exposure>(i)));
  for (const Pair& pair : rows.pairs)
    grouping.group_of_row.push_back(static_cast<std::uint32_t>(exposure_of(facts, pair)));
  return grouping;
}

std::uint64_t count_of(const Tally& tally, std::uint32_t index) {
  return tally.has(index) ? tally.rows[index] : 0;
}

Grouping by_deciles(const std::string& noun, const std::vector<std::uint64_t>& counts) {
  Grouping grouping{"by_" + noun + "_ratings",
                    fmt::format("By training ratings of the {}, a tenth of the rows each:", noun),
                    deciles(counts), std::vector<std::string>(kDeciles)};
  for (std::uint32_t group = 0; group < kDeciles; ++group) {
    std::uint64_t low = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t high = 0;
    for (std::size_t row = 0; row < counts.size(); ++row) {
      if (grouping.group_of_row[row] != group) continue;
      low = std::min(low, counts[row]);
      high = std::max(high, counts[row]);
    }
    grouping.labels[group] = fmt::format("{}..{}", low, high);
  }
  return grouping;
}

Grouping by_rating(const EvaluatedRows& rows) {
  constexpr std::size_t kMostValues = 25;
  constexpr std::uint32_t kBins = 10;
  std::map<float, std::uint32_t> values;
  for (const float rating : rows.ratings) values.emplace(rating, 0);
  Grouping grouping{"by_rating", "By rating:", {}, {}};
  const float low = values.begin()->first;
  const float width = (values.rbegin()->first - low) / kBins;
  const bool is_fine = values.size() <= kMostValues;
  for (std::uint32_t bin = 0; !is_fine && bin < kBins; ++bin)
    grouping.labels.push_back(fmt::format("from {:g}", low + width * static_cast<float>(bin)));
  for (auto& [value, group] : values) {
    if (is_fine) {
      group = static_cast<std::uint32_t>(grouping.labels.size());
      grouping.labels.push_back(fmt::format("{:g}", value));
    } else {
      group = std::min(static_cast<std::uint32_t>((value - low) / width), kBins - 1);
    }
  }
  for (const float rating : rows.ratings) grouping.group_of_row.push_back(values.at(rating));
  return grouping;
}

Table group_table(const Grouping& grouping, const EvaluatedRows& rows,
                  const std::vector<Contender>& contenders) {
  Table table{grouping.name, grouping.caption, {"rows"}, {}};
  std::vector<std::vector<ErrorTally>> judged;
  for (const Contender& contender : contenders) {
    table.columns.push_back("RMSE " + contender.name);
    table.columns.push_back("MAE " + contender.name);
    judged.push_back(
        judge_groups(rows, contender.predictions, grouping.group_of_row, grouping.labels.size()));
  }
  for (std::size_t group = 0; group < grouping.labels.size(); ++group) {
    if (judged.front()[group].rows == 0) continue;
    std::vector<Cell> cells{judged.front()[group].rows};
    for (const auto& tallies : judged) {
      cells.emplace_back(tallies[group].rmse());
      cells.emplace_back(tallies[group].mae());
    }
    table.rows.emplace_back(grouping.labels[group], std::move(cells));
  }
  return table;
}

std::vector<double> roots(std::vector<double> values) {
  for (double& value : values) value = std::sqrt(value);
  return values;
}

/// The first two tables, which share draws.
std::vector<Table> overall_tables(const EvaluatedRows& rows,
                                  const std::vector<Contender>& contenders,
                                  const std::optional<shards::RatingScale>& scale,
                                  const math::ThreadTeam& team) {
  Table errors{"errors",
               "Errors over all rows (low, high: 95 % interval of the RMSE, by users):",
               {"rows", "RMSE", "low", "high", "MAE", "RMSE clipped", "MAE clipped",
                "RMSE of a user", "MAE of a user"},
               {}};
  Table differences{"rmse_differences",
                    "RMSE less that of another on the same rows (95 % interval, paired by users):",
                    {"difference", "low", "high"},
                    {}};
  std::vector<double> first;
  double first_rmse = 0;
  for (const Contender& contender : contenders) {
    const auto judged = judge(rows, contender.predictions, scale);
    const auto draws = roots(resample(judged.mse, team));
    const auto interval = middle(draws);
    const auto clipped = [&](auto error) {
      return judged.clipped ? Cell(error(*judged.clipped)) : Cell();
    };
    errors.rows.emplace_back(
        contender.name,
        std::vector<Cell>{judged.all.rows, judged.all.rmse(), interval.low, interval.high,
                          judged.all.mae(), clipped([](const auto& tally) { return tally.rmse(); }),
                          clipped([](const auto& tally) { return tally.mae(); }), judged.user_rmse,
                          judged.user_mae});
    if (first.empty()) {
      first = draws;
      first_rmse = judged.all.rmse();
    } else {
      differences.rows.emplace_back(fmt::format("{} - {}", contenders.front().name, contender.name),
                                    difference_cells(first, draws, first_rmse - judged.all.rmse()));
    }
  }
  return {errors, differences};
}

}  // namespace

std::vector<Contender> means_of(const EvaluatedRows& rows, const TrainingFacts& facts) {
  std::vector<float> means;
  for (const Pair& pair : rows.pairs)
    means.push_back(static_cast<float>(facts.user_item_mean(pair.user, pair.item)));
  std::vector<float> mean(rows.pairs.size(), static_cast<float>(facts.mean));
  return {{"user + item means", std::move(means)}, {"training mean", std::move(mean)}};
}

std::vector<Cell> difference_cells(const std::vector<double>& first,
                                   const std::vector<double>& second, double difference) {
  std::vector<double> differences;
  for (std::size_t draw = 0; draw < first.size(); ++draw)
    differences.push_back(first[draw] - second[draw]);
  const auto [low, high] = middle(std::move(differences));
  return {difference, low, high};
}

std::vector<Table> error_tables(const EvaluatedRows& rows, const TrainingFacts& facts,
                                const std::vector<Contender>& contenders,
                                const std::optional<shards::RatingScale>& scale,
                                const math::ThreadTeam& team) {
  auto tables = overall_tables(rows, contenders, scale, team);
  std::vector<std::uint64_t> of_users;
  std::vector<std::uint64_t> of_items;
  for (const Pair& pair : rows.pairs) {
    of_users.push_back(count_of(facts.users, pair.user));
    of_items.push_back(count_of(facts.items, pair.item));
  }
  for (const Grouping& grouping : {by_exposure(rows, facts), by_deciles("user", of_users),
                                   by_deciles("item", of_items), by_rating(rows)}) {
    tables.push_back(group_table(grouping, rows, contenders));
  }
  return tables;
}

}  // namespace nnrec::serve
