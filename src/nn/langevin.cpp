#include "nnrec/nn/langevin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "nnrec/base/per_processor.hpp"
#include "nnrec/math/normals.hpp"

namespace nnrec::nn {
namespace {

/// Elements that are worked on together: they stay in the first cache.
constexpr std::size_t kChunk = 512;
/// Normal numbers come in fours.
constexpr std::size_t kFour = 4;

/// Of a chunk of elements.
struct Chunk {
  std::array<float, kChunk> prior;    ///< lambda
  std::array<float, kChunk> inverse;  ///< 1 / M; infinite where nothing moves
  alignas(64) std::array<float, kChunk + 2 * kFour> noise;
};

struct Factors {
  explicit Factors(const LangevinStep& of)
      : half_step(static_cast<float>(of.step_size / 2)),
        step(static_cast<float>(of.step_size)),
        pull(static_cast<float>(of.noise_precision * of.ratings / 2)),
        batch(static_cast<float>(of.step_size / 8 * (of.ratings / of.step_rows - 1))) {}
  float half_step;
  float step;
  float pull;   ///< from the mean gradient to that of the log likelihood
  float batch;  ///< of a batch's own noise
};

/// lambda and 1 / M of `count` elements from `first` of the block on.
void fill(const LangevinBlock& block, std::size_t cols, double noise_precision, std::size_t first,
          std::size_t count, Chunk& chunk) {
  const double factor = 2 * noise_precision * block.curvature_factor;
  std::size_t row = first / cols;
  std::size_t col = first % cols;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = block.precision.size() == 1 ? 0 : col;
    const double look_ups = block.look_ups.empty() ? 1 : static_cast<double>(block.look_ups[row]);
    chunk.prior[i] = static_cast<float>(block.precision[place]);
    chunk.inverse[i] = look_ups == 0
                           ? std::numeric_limits<float>::infinity()
                           : static_cast<float>(factor * block.curvature[place] * look_ups +
                                                block.precision[place]);
    if (++col == cols) {
      col = 0;
      ++row;
    }
  }
}

NNREC_PER_PROCESSOR
void move(const Factors& by, const Chunk& chunk, const float* noise, const float* gradient,
          std::size_t count, float* w) {
  constexpr float kMostOfBatch = 0.9F;
  for (std::size_t i = 0; i < count; ++i) {
    const float m = 1.0F / chunk.inverse[i];
    const float drift = m * (by.pull * gradient[i] + chunk.prior[i] * w[i]);
    const float of_batch = by.batch * (1.0F - chunk.prior[i] * m);
    const float rest = 1.0F - (of_batch < kMostOfBatch ? of_batch : kMostOfBatch);
    w[i] = w[i] - by.half_step * drift + std::sqrt(by.step * m * rest) * noise[i];
  }
}

}  // namespace

void langevin_update(const RowsToUpdate& rows, const LangevinBlock& block,
                     const LangevinStep& step) {
  const Factors by(step);
  const std::size_t begin = rows.first_row * rows.cols;
  const std::size_t end = begin + rows.count * rows.cols;
  Chunk chunk;
  for (std::size_t first = begin; first < end; first += kChunk) {
    const std::size_t count = std::min(kChunk, end - first);
    fill(block, rows.cols, step.noise_precision, first, count, chunk);
    const std::size_t first_four = first / kFour * kFour;
    const std::size_t fours = (first + count + kFour - 1) / kFour * kFour - first_four;
    math::standard_normals(step.noise, (std::uint64_t{block.number} << 34) + first_four,
                           std::span(chunk.noise).first(fours));
    move(by, chunk, chunk.noise.data() + (first - first_four), rows.gradient + (first - begin),
         count, rows.parameters + first);
  }
}

}  // namespace nnrec::nn
