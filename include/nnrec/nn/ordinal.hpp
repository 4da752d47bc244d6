#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/math/matrix.hpp"

namespace nnrec::nn {

/// Ratings of a model on a few levels l_0 < ... < l_k, in place of a normal distribution around its
/// score f:
///   P(rating > l_c) = logistic( s (f - cut_c) ),  c = 0 .. k-1,  cut_0 < ... < cut_{k-1}
/// The rating that is predicted is the expected one, l_0 + sum (l_{c+1} - l_c) P(rating > l_c).
/// s and the cuts are learnt, as one block of parameters (1, k + 1), zero at first:
///   cut_0 = (l_0 + l_1) / 2 + w_0,  cut_c = cut_{c-1} + (l_{c+1} - l_{c-1}) / 2 e^w_c,
///   s = 8 / (l_k - l_0) e^w_k
/// w_1 to w_k as if within +-12, where they stay: so that cuts begin between the levels, keep their
/// order, and f has the ratings' unit. Source: McCullagh 1980, "Regression models for ordinal
/// data", the proportional odds model.
class Ordinal {
 public:
  static constexpr std::size_t kMostLevels = 32;

  /// Requires: 2 to kMostLevels levels, finite, rising.
  explicit Ordinal(std::vector<float> levels);

  std::span<const float> levels() const noexcept { return levels_; }
  /// Of the block.
  std::size_t parameters() const noexcept { return levels_.size(); }

  /// What a block of parameters means.
  struct Cuts {
    std::array<double, kMostLevels - 1> at{};
    std::array<double, kMostLevels - 1> derivative{};  ///< of cut_c - cut_{c-1} by w_c; 1 for w_0
    double steepness = 0;                              ///< s
    double steepness_derivative = 0;                   ///< by w_k
  };
  Cuts cuts(std::span<const float> parameters) const;

  /// Scores become expected ratings. `variances`, empty or as many: of ratings around them.
  void rate(std::span<const float> parameters, std::span<float> scores,
            std::span<float> variances = {}) const;
  /// The same, and dy(r, 0) = derivative of -2 log P(rating r) by the score; the block's gradient
  /// of their sum into `gradient`. Twice, as the squared error around a normal distribution of
  /// variance 1 is. Returns the expected ratings' squared error, summed. Requires: ratings on the
  /// levels.
  double gradient(std::span<const float> parameters, std::span<const float> ratings,
                  std::span<float> scores, math::Matrix dy, float* gradient) const;
  /// Scores become the square root of what a rating tells of its score: of the expected square of
  /// d log P / d score (Fisher information).
  void root_of_information(std::span<const float> parameters, std::span<float> scores) const;

 private:
  using Above = std::array<double, kMostLevels + 1>;  ///< P(rating > level before), 1 and 0 at ends
  void above(const Cuts& cuts, double score, Above& above) const;
  double expected(const Above& above) const;

  std::vector<float> levels_;
};

/// Levels as options say them: `1,2,3.5`; and back. Throws InputError, which names no place.
std::string text_of_levels(std::span<const float> levels);
std::vector<float> parse_levels(std::string_view text);

}  // namespace nnrec::nn
