#include "nnrec/train/exchange.hpp"

#include "owner_exchange.hpp"

namespace nnrec::train {
namespace {

class ReduceExchange final : public Exchange {
 public:
  explicit ReduceExchange(comm::Communicator& ranks) : ranks_(ranks) {}

  void fetch(const BatchPlan&, nn::ParameterSet&) override {}

  void sum(const BatchPlan& plan, Gradient& gradient, Sums which) override {
    std::size_t needed = 0;
    if (which != Sums::rows) needed += gradient.needed_dense_elements();
    if (which != Sums::dense) needed += gradient.needed_row_elements(plan);
    bytes_.needed += needed * sizeof(std::int64_t);
    if (ranks_.node_count() == 1) return;
    auto buffer = gradient.buffer(plan);
    const std::size_t dense = gradient.dense_and_scalars().size();
    if (which == Sums::rows) buffer = buffer.subspan(dense);
    if (which == Sums::dense) buffer = buffer.first(dense);
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
