#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/data/features.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"

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
  /// The referenced objects outlive the evaluator; `columns` are the part's rows.
  Evaluator(const models::Network& network, const data::Features& features,
            const data::RatingColumns& columns, const math::ThreadTeam& team);

  std::size_t rows() const noexcept { return columns_.rating.size(); }
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
  void evaluate_tile(const nn::ParameterSet& parameters, std::size_t tile, Thread& thread) const;

  const models::Network& network_;
  const data::Features& features_;
  data::RatingColumns columns_;
  const math::ThreadTeam& team_;
  std::vector<Thread> threads_;
};

}  // namespace nnrec::train
