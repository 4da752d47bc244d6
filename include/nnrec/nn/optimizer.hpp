#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "nnrec/nn/parameters.hpp"

namespace nnrec::nn {

/// (parameters, gradient, state) -> parameters, element by element. Holds settings, not state: the
/// state is one ParameterSet a slot (make_state) and belongs to the training state.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual std::string name() const = 0;
  /// Names and initial values of the state's slots, each as large as the parameters.
  struct Slot {
    std::string name;
    float initial;
  };
  virtual std::vector<Slot> slots() const = 0;

  /// A run of `count` elements. gradient: the mean over the batch. state[s]: slot s of the run.
  struct Run {
    float* parameters;
    const float* gradient;
    float* const* state;
    std::size_t count;
  };
  virtual void update(const Run& run, double learning_rate) const = 0;

  std::vector<ParameterSet> make_state(const ParameterLayout& layout) const;
};

/// a += g^2; w -= lr * g / sqrt(a + epsilon), a starting at initial_accumulator.
/// Source: Duchi, Hazan, Singer 2011; epsilon inside the root as the published training has it.
struct AdagradOptions {
  float initial_accumulator = 0.1F;
  float epsilon = 1e-7F;
};
std::unique_ptr<Optimizer> make_adagrad(const AdagradOptions& options);

}  // namespace nnrec::nn
