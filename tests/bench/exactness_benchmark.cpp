// exactness_benchmark DATA [THREADS] [EPOCHS]: what order-free sums cost. Trains each variant on
// one rank with 64-bit fixed-point sums and with plain float sums, epoch by epoch in turn, and
// prints the median epoch times and their ratio.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "nnrec/base/stopwatch.hpp"
#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/train/gradient_sum.hpp"
#include "nnrec/train/node_rows.hpp"
#include "nnrec/train/parameter_update.hpp"
#include "nnrec/train/train_state.hpp"

namespace {

using namespace nnrec;

constexpr std::size_t kBatchRows = 2048;

/// A training loop without ranks, the same for both kinds of sum.
template <typename Sum>
class Loop {
 public:
  Loop(const train::ModelInput& input, const math::ThreadTeam& team)
      : planner_(input, {1, kBatchRows}, self_),
        sum_(input.network, team, {kBatchRows}, self_),
        rules_(input.network.layout(), {}),
        update_(input.network.layout(), rules_, team),
        state_(train::initial_state(input.network.layout(), rules_, 1)) {}

  double epoch_seconds(std::uint64_t epoch) {
    const Stopwatch watch;
    const std::uint64_t end = planner_.epoch_rows();
    planner_.plan(epoch, 0, end, plans_[0]);
    for (std::uint64_t position = 0, step = 0; position < planner_.epoch_rows(); ++step) {
      const auto& plan = plans_[step % 2];
      const std::uint64_t next = position + plan.batch.rows;
      const auto ahead = [&] {
        if (next < end) planner_.plan(epoch, next, end, plans_[(step + 1) % 2]);
      };
      const auto scalars = sum_.whole(state_.parameters, plan, nn::CounterDropout(1, step), ahead);
      update_.apply(sum_.gradient(plan), {1.0 / static_cast<double>(scalars.rows), 1, step + 1},
                    state_.parameters, state_.optimizer_state);
      position = next;
    }
    return watch.seconds();
  }

 private:
  comm::SelfCommunicator self_;
  train::BatchPlanner planner_;
  train::GradientSum<Sum> sum_;
  nn::UpdateRules rules_;
  train::ParameterUpdate<Sum> update_;
  train::TrainState state_;
  std::array<train::BatchPlan, 2> plans_;
};

double median(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

void compare(const train::ModelInput& input, const math::ThreadTeam& team, std::string_view variant,
             std::uint64_t epochs) {
  Loop<math::ExactSum> exact(input, team);
  Loop<math::FloatSum> plain(input, team);
  std::vector<double> exact_seconds;
  std::vector<double> plain_seconds;
  std::vector<double> ratios;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    exact_seconds.push_back(exact.epoch_seconds(epoch));
    plain_seconds.push_back(plain.epoch_seconds(epoch));
    ratios.push_back(exact_seconds.back() / plain_seconds.back());
  }
  fmt::print("{:<10} exact {:.2f} ms, float {:.2f} ms an epoch; exact / float {:.3f}\n", variant,
             1e3 * median(exact_seconds), 1e3 * median(plain_seconds), median(ratios));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: exactness_benchmark DATA [THREADS] [EPOCHS]\n");
    return 2;
  }
  const auto set = shards::ShardSet::open(argv[1]);
  const math::ThreadTeam team(argc > 2 ? std::atoi(argv[2]) : 1);
  const auto epochs = static_cast<std::uint64_t>(argc > 3 ? std::atoi(argv[3]) : 21);
  comm::SelfCommunicator self;
  train::NodeRows rows(self, math::ThreadTeam(0), set, shards::Part::train);
  const features::Features features(set);
  fmt::print("1 rank, {} threads, median of {} pairs of epochs\n", team.size(), epochs);
  for (const auto& variant : models::variants()) {
    const auto network = variant.build(features.table_rows(), {});
    compare({network, features, rows}, team, variant.name, epochs);
  }
  return 0;
}
