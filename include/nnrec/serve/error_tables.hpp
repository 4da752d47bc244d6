#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/error_tally.hpp"
#include "nnrec/serve/table.hpp"

namespace nnrec::serve {

/// Somebody who has predicted all rows.
struct Contender {
  std::string name;
  std::vector<float> predictions;
};

/// Errors of all contenders, differences of the first from the others with paired intervals, and
/// errors by what training knew, by how much it knew, and by rating.
std::vector<Table> error_tables(const EvaluatedRows& rows, const TrainingFacts& facts,
                                const std::vector<Contender>& contenders,
                                const std::optional<shards::RatingScale>& scale,
                                const math::ThreadTeam& team);

/// Who needs no model: user + item means, and the training mean.
std::vector<Contender> means_of(const EvaluatedRows& rows, const TrainingFacts& facts);

/// Of the first two columns' kind: a value less another over the same users, with its interval.
std::vector<Cell> difference_cells(const std::vector<double>& first,
                                   const std::vector<double>& second, double difference);

}  // namespace nnrec::serve
