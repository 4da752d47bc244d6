#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/train/batch_plan.hpp"

namespace nnrec::train {

/// Squared error over rows, as a sum with its count.
struct SquaredError {
  double sum = 0;
  std::int64_t rows = 0;
  /// sqrt(sum / rows); NaN without rows.
  double rmse() const;
};

/// Evaluates a model on one part of the data, whole tiles shared out over ranks and threads; each
/// row counts once, and the sum has the same bits for any number of them.
class Evaluator {
 public:
  /// The referenced objects outlive the evaluator; `input.rows` are the part's.
  Evaluator(const ModelInput& input, const math::ThreadTeam& team);

  std::size_t rows() const noexcept { return input_.rows.size(); }
  /// Collective. Throws AgreedError when a prediction is not finite.
  SquaredError evaluate(comm::Communicator& ranks, const nn::ParameterSet& parameters);

 private:
  struct Thread {
    models::Network::Workspace workspace;
    data::Batch batch;
    std::vector<std::uint64_t> rows;
    std::int64_t squared_error = 0;
    std::int64_t not_finite = 0;
  };
  void evaluate_range(const comm::Communicator& ranks, const nn::ParameterSet& parameters,
                      Range rows);
  void evaluate_tile(const nn::ParameterSet& parameters, Range tile, Thread& thread) const;

  ModelInput input_;
  const math::ThreadTeam& team_;
  std::vector<Thread> threads_;
};

}  // namespace nnrec::train
