#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nnrec::nn {

/// What rows of embeddings begin with, and the seed of all first weights:
///   uniform:limit=L    uniform in (-L, L); as published, with 0.05
///   normal:scale=S     normal, with the deviation S / sqrt(columns): the dot product of two rows
///                      begins with a deviation of S^2 / sqrt(columns)
class FirstWeights {
 public:
  /// `text`: NAME or NAME:setting=value,... Throws UsageError.
  FirstWeights(std::uint64_t seed, std::string_view text = "uniform");  // NOLINT: a seed is one

  std::uint64_t seed() const noexcept { return seed_; }
  bool is_normal() const noexcept { return is_normal_; }
  /// The limit, or the scale.
  double size() const noexcept { return size_; }
  /// With every setting spelled out.
  const std::string& text() const noexcept { return text_; }

 private:
  std::uint64_t seed_;
  bool is_normal_;
  double size_;
  std::string text_;
};

}  // namespace nnrec::nn
