#pragma once

#include <memory>
#include <string_view>

#include "nnrec/nn/optimizer.hpp"

namespace nnrec::nn::optimizers {

/// What the file of an optimiser defines, under the optimiser's name.
struct Entry {
  std::string_view summary;
  /// Reads its settings.
  std::unique_ptr<Optimizer> (*make)(Settings& settings);
};

/// For settings that divide, and those that must stay below 1 as floats.
inline constexpr NumberRange kPositive{1e-30, 1e30};
inline constexpr NumberRange kNotNegative{0, 1e30};
inline constexpr NumberRange kBelowOne{0, 0.999999};

template <typename Kind>
std::unique_ptr<Optimizer> make(Settings& settings) {
  return std::make_unique<Kind>(settings);
}

}  // namespace nnrec::nn::optimizers
