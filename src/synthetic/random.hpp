#pragma once

#include <cstdint>

#include "nnrec/base/random.hpp"

namespace nnrec::synthetic {

/// What a draw of the synthetic set decides. Values decide the data: never renumber, only append.
enum class Draw : std::uint8_t {
  activity = 1,
  popularity_order = 2,
  user_taste = 3,
  genre_taste = 4,
  item_taste = 5,
  word_taste = 6,
  choice = 7,
  noise = 8,
  time = 9,
  person = 10,
  genres = 11,
  year = 12,
  file_order = 13,
};

/// The step of a draw about one user, item, genre or word.
constexpr std::uint64_t draw_step(Draw draw, std::uint64_t entity) noexcept {
  return (entity << 8) | static_cast<std::uint64_t>(draw);
}

inline CounterRandom draws(std::uint64_t seed, Draw draw, std::uint64_t entity) noexcept {
  return CounterRandom(seed, Purpose::synthetic, draw_step(draw, entity));
}

/// Mean 0, variance 1, nearly normal: the sum of eight uniform 16-bit numbers.
/// Without libm, whose last bits differ between machines.
inline double bell(const CounterRandom& random, std::uint64_t index) noexcept {
  std::int64_t sum = 0;
  for (const auto word : random.words(index)) sum += (word & 0xFFFFU) + (word >> 16);
  constexpr double kScale = 1.224744871391589 / 65536.0;  // sqrt(12 / 8)
  return (static_cast<double>(sum) - 8 * 32767.5) * kScale;
}

}  // namespace nnrec::synthetic
