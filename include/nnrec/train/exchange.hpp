#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/math/exact_sum.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/batch_plan.hpp"
#include "nnrec/train/gradient_sum.hpp"

namespace nnrec::train {

/// How sums of several nodes become one. Decides no bit: sums are integers.
enum class ExchangeWay {
  reduce,  ///< every node keeps all rows: one sum over nodes of all rows that the batch touches
  owner  ///< rows have owners (Owners): a node sends the sums and fetches the rows of its own part
};
std::string_view exchange_name(ExchangeWay way);

/// Bits that a sum of a table's row crosses in. These decide bits, on one node too: of 32, what is
/// added is rounded to a grid (sum_grid.hpp).
enum class ExchangeBits { all = 64, fewer = 32 };

/// What a node sent to others.
struct SentBytes {
  std::uint64_t sent = 0;
  std::uint64_t needed = 0;  ///< without padding and without what only says how to read it
};

/// Brings together what nodes have summed. All members are collective; where there is one node they
/// do nothing.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// Before a batch is computed: the rows that it looks up on this node get their newest values.
  virtual void fetch(const BatchPlan& plan, nn::ParameterSet& parameters) = 0;
  using Gradient = GradientSum<math::ExactSum>;
  /// Sums of a batch that are brought together at a time.
  enum class Sums {
    all,
    rows,  ///< of the rows that the node keeps
    dense  ///< and scalars
  };
  /// Once the node has summed them (node_barrier), they become sums over all nodes.
  virtual void sum(const BatchPlan& plan, Gradient& gradient, Sums which) = 0;
  /// Every row of `set` gets its newest values on every node. `set`: of the parameters' layout, or
  /// of optimiser state.
  virtual void complete(nn::ParameterSet& set) = 0;

  const SentBytes& bytes() const noexcept { return bytes_; }

 protected:
  SentBytes bytes_;
};

/// What an exchange works with; outlives it.
struct ExchangeParts {
  comm::Communicator& ranks;
  const math::ThreadTeam& team;
  const ModelInput& input;
  const Station& station;
  std::size_t batch_rows;  ///< of the largest global batch
  ExchangeBits bits = ExchangeBits::all;
};
/// Collective. The station has owners where the way is `owner`.
std::unique_ptr<Exchange> make_exchange(ExchangeWay way, const ExchangeParts& parts);

}  // namespace nnrec::train
