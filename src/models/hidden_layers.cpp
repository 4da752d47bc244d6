#include "hidden_layers.hpp"

#include <fmt/format.h>

#include "nnrec/models/variants.hpp"

namespace nnrec::models {
namespace {

std::string dense_name(std::size_t number) {
  return fmt::format("dense{}", number);
}

}  // namespace

Value hidden_layers(Network& net, const std::vector<Value>& parts,
                    const std::vector<std::size_t>& units, const std::vector<float>& dropout) {
  const auto dense = [&](std::size_t layer, const std::vector<Value>& x) {
    const bool is_last = layer == units.size();
    const std::size_t outputs = is_last ? 1 : units[layer];
    const Activation activation = is_last ? Activation::linear : Activation::relu;
    const float rate = layer < dropout.size() ? dropout[layer] : 0.0F;
    const std::string name = dense_name(layer + 1);
    // What falls out of the input differs from rating to rating: such rows are no shared factors.
    if (rate == 0.0F) return net.dense(name, x, outputs, activation);
    const Value whole = x.size() == 1 ? x.front() : net.concat(x);
    return net.dense(name, net.dropout(whole, rate), outputs, activation);
  };
  Value x = dense(0, parts);
  for (std::size_t layer = 1; layer <= units.size(); ++layer) x = dense(layer, {x});
  return x;
}

std::vector<std::size_t> hidden_sizes(const Network& network) {
  std::vector<std::size_t> sizes;
  for (const nn::Block& block : network.layout().blocks()) {
    if (block.name == dense_name(sizes.size() + 1) + ".weight") sizes.push_back(block.cols);
  }
  if (!sizes.empty()) sizes.pop_back();  // the rating
  return sizes;
}

}  // namespace nnrec::models
