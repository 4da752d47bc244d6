#include "nnrec/nn/dropout.hpp"

#include <algorithm>

namespace nnrec::nn {

void CounterDropout::apply(float rate, std::size_t layer, std::uint64_t first_position,
                           math::Matrix x) const {
  // One Philox call gives four words; a unit falls out when its word is below rate * 2^32.
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32);
  const float scale = 1.0F / (1.0F - rate);
  const std::size_t calls = (x.cols + 3) / 4;
  const std::uint64_t layer_bits = static_cast<std::uint64_t>(layer) << 56;
  for (std::size_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for (std::size_t call = 0; call < calls; ++call) {
      const auto words = random_.words(layer_bits + (first_position + r) * calls + call);
      const std::size_t end = std::min(x.cols, 4 * call + 4);
      for (std::size_t c = 4 * call; c < end; ++c) {
        row[c] = words[c - 4 * call] < threshold ? 0.0F : row[c] * scale;
      }
    }
  }
}

}  // namespace nnrec::nn
