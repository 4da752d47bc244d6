#include "nnrec/train/exchange.hpp"

#include "owner_exchange.hpp"

namespace nnrec::train {
namespace {

class ReduceExchange final : public Exchange {
 public:
  explicit ReduceExchange(comm::Communicator& ranks) : ranks_(ranks) {}

  void fetch(const BatchPlan&, nn::ParameterSet&) override {}

  void sum(const BatchPlan& plan, GradientSum<math::ExactSum>& gradient) override {
    bytes_.needed += (gradient.needed_dense_elements() + gradient.needed_row_elements(plan)) *
                     sizeof(std::int64_t);
    if (ranks_.node_count() == 1) return;
    const auto buffer = gradient.buffer(plan);
    ranks_.sum_over_nodes(buffer);
    bytes_.sent += buffer.size_bytes();
  }

  void complete(nn::ParameterSet&) override {}

 private:
  comm::Communicator& ranks_;
};

}  // namespace

std::string_view exchange_name(ExchangeWay way) {
  return way == ExchangeWay::owner ? "owner" : "reduce";
}

std::unique_ptr<Exchange> make_exchange(ExchangeWay way, const ExchangeParts& parts) {
  if (way == ExchangeWay::owner) return std::make_unique<OwnerExchange>(parts);
  return std::make_unique<ReduceExchange>(parts.ranks);
}

}  // namespace nnrec::train
