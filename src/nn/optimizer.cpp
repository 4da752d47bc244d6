#include "nnrec/nn/optimizer.hpp"

#include <cmath>

namespace nnrec::nn {
namespace {

class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(const AdagradOptions& options) : options_(options) {}

  std::string name() const override { return "adagrad"; }
  std::vector<Slot> slots() const override {
    return {{"accumulator", options_.initial_accumulator}};
  }
  void update(const Run& run, double learning_rate) const override {
    const auto rate = static_cast<float>(learning_rate);
    const float epsilon = options_.epsilon;
    float* __restrict parameters = run.parameters;
    float* __restrict accumulator = run.state[0];
    const float* __restrict gradient = run.gradient;
    for (std::size_t i = 0; i < run.count; ++i) {
      const float g = gradient[i];
      accumulator[i] += g * g;
      parameters[i] -= rate * g / std::sqrt(accumulator[i] + epsilon);
    }
  }

 private:
  AdagradOptions options_;
};

}  // namespace

std::vector<ParameterSet> Optimizer::make_state(const ParameterLayout& layout) const {
  std::vector<ParameterSet> state;
  for (const Slot& slot : slots()) state.emplace_back(layout, slot.initial);
  return state;
}

std::unique_ptr<Optimizer> make_adagrad(const AdagradOptions& options) {
  return std::make_unique<Adagrad>(options);
}

}  // namespace nnrec::nn
