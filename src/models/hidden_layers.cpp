#include "hidden_layers.hpp"

#include <fmt/format.h>

#include "nnrec/models/variants.hpp"

namespace nnrec::models {
namespace {

std::string dense_name(std::size_t number) {
  return fmt::format("dense{}", number);
}

}  // namespace

Value hidden_layers(Network& net, Value x, const std::vector<std::size_t>& units, float dropout) {
  std::size_t number = 1;
  for (; number <= units.size(); ++number) {
    x = net.dense(dense_name(number), x, units[number - 1], Activation::relu);
    if (number == 1) x = net.dropout(x, dropout);
  }
  return net.dense(dense_name(number), x, 1, Activation::linear);
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
