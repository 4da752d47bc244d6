#include "nnrec/base/random.hpp"

namespace nnrec {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

CounterRandom::CounterRandom(std::uint64_t seed, Purpose purpose, std::uint64_t step) noexcept
    : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
      step_low_(static_cast<std::uint32_t>(step)),
      step_high_purpose_(static_cast<std::uint32_t>((step >> 32) & 0xFFFFU) |
                         (static_cast<std::uint32_t>(purpose) << 16)) {}

std::array<std::uint32_t, 4> CounterRandom::words(std::uint64_t index) const noexcept {
  return philox4x32({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                     step_low_, step_high_purpose_},
                    key_);
}

std::uint64_t CounterRandom::bits(std::uint64_t index) const noexcept {
  const auto word = words(index);
  return (std::uint64_t{word[1]} << 32) | word[0];
}

float CounterRandom::uniform_float(std::uint64_t index) const noexcept {
  return static_cast<float>(words(index)[0] >> 8) * 0x1p-24F;
}

double CounterRandom::uniform(std::uint64_t index) const noexcept {
  return static_cast<double>(bits(index) >> 11) * 0x1p-53;
}

}  // namespace nnrec
