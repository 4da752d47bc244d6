#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
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
  /// `rate`: what rate() gave for this step.
  virtual void update(const Run& run, double rate) const = 0;
  /// The learning rate as update() wants it, corrected for the number of this update (from 1).
  virtual double rate(double learning_rate, std::uint64_t update_number) const;

  std::vector<ParameterSet> make_state(const ParameterLayout& layout) const;
};

/// a += g^2; w -= lr * g / sqrt(a + epsilon), a starting at initial_accumulator.
/// Source: Duchi, Hazan, Singer 2011; epsilon inside the root as the published training has it.
struct AdagradOptions {
  float initial_accumulator = 0.1F;
  float epsilon = 1e-7F;
};
std::unique_ptr<Optimizer> make_adagrad(const AdagradOptions& options);

/// w -= lr * g.
std::unique_ptr<Optimizer> make_sgd();

/// m += (1 - b1) (g - m); v += (1 - b2) (g^2 - v); w -= lr * sqrt(1 - b2^t) / (1 - b1^t) * m /
/// (sqrt(v) + epsilon) at update t. An embedding row that a batch does not touch keeps its m, v and
/// weights (the lazy form for tables; t counts all updates).
/// Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", end of section 2.
struct AdamOptions {
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-7F;
};
std::unique_ptr<Optimizer> make_adam(const AdamOptions& options);

/// By name, with default settings. Throws UsageError that lists optimizer_names().
std::unique_ptr<Optimizer> make_optimizer(std::string_view name);
std::vector<std::string> optimizer_names();

}  // namespace nnrec::nn
