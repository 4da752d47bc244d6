#include "hidden_layers.hpp"

#include <fmt/format.h>

#include "nnrec/models/variants.hpp"

namespace nnrec::models {
namespace {

std::string dense_name(std::size_t number) {
  return fmt::format("dense{}", number);
}

}  // namespace

Value hidden_layers(Network& net, Value x, const std::vector<std::size_t>& units,
                    const std::vector<float>& dropout) {
  const auto dense = [&](std::size_t layer, std::size_t outputs, Activation activation) {
    const float rate = layer < dropout.size() ? dropout[layer] : 0.0F;
    return net.dense(dense_name(layer + 1), net.dropout(x, rate), outputs, activation);
  };
  for (std::size_t layer = 0; layer < units.size(); ++layer)
    x = dense(layer, units[layer], Activation::relu);
  return dense(units.size(), 1, Activation::linear);
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
