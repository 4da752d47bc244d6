#pragma once

#include <array>
#include <cstdint>

namespace nnrec {

/// What a random number is for. Part of every draw, so that no two uses share a sequence.
/// Values are stored in results (they decide the bits): never renumber, only append.
enum class Purpose : std::uint16_t {
  initial_weights = 1,
  epoch_order = 2,
  dropout = 3,
  split = 4,
  synthetic = 5,
  bootstrap = 6,
  rank_ties = 7,
  ranked_users = 8,
  block_order = 9,
  row_order_of_group = 10,
  langevin_noise = 11,
  precision_draws = 12,
  probe_signs = 13,
  tuning_trials = 14,
};

/// Philox4x32-10: 128 random bits as a pure function of counter and key.
/// Source: Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3".
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) noexcept;

/// Random numbers as a function of (seed, purpose, step, index): no state, no order of calls.
/// `step` is cut to 48 bits; `index` has 64.
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, Purpose purpose, std::uint64_t step) noexcept;

  /// Four words of 32 random bits.
  std::array<std::uint32_t, 4> words(std::uint64_t index) const noexcept;
  /// 64 random bits.
  std::uint64_t bits(std::uint64_t index) const noexcept;
  /// Uniform in [0, 1), a multiple of 2^-24: exact in float.
  float uniform_float(std::uint64_t index) const noexcept;
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform(std::uint64_t index) const noexcept;

  // What words(index) are made of besides the index, for kernels that draw many at a time: the key,
  // and the counter's upper half.
  std::array<std::uint32_t, 2> key() const noexcept { return key_; }
  std::array<std::uint32_t, 2> upper() const noexcept { return {step_low_, step_high_purpose_}; }

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t step_low_;
  std::uint32_t step_high_purpose_;
};

}  // namespace nnrec
