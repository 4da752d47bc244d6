#include "nnrec/nn/optimizer.hpp"

#include <array>
#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"

namespace nnrec::nn {
namespace {

class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(const AdagradOptions& options) : options_(options) {}

  std::string name() const override { return "adagrad"; }
  std::vector<Slot> slots() const override {
    return {{"accumulator", options_.initial_accumulator}};
  }
  void update(const Run& run, double adagrad_rate) const override {
    const auto rate = static_cast<float>(adagrad_rate);
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

class Sgd final : public Optimizer {
 public:
  std::string name() const override { return "sgd"; }
  std::vector<Slot> slots() const override { return {}; }
  void update(const Run& run, double sgd_rate) const override {
    const auto rate = static_cast<float>(sgd_rate);
    float* __restrict parameters = run.parameters;
    const float* __restrict gradient = run.gradient;
    for (std::size_t i = 0; i < run.count; ++i) parameters[i] -= rate * gradient[i];
  }
};

/// base^exponent by squaring: the same bits with every libm.
double power(double base, std::uint64_t exponent) {
  double result = 1;
  for (; exponent != 0; exponent >>= 1, base *= base) {
    if ((exponent & 1) != 0) result *= base;
  }
  return result;
}

class Adam final : public Optimizer {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}

  std::string name() const override { return "adam"; }
  std::vector<Slot> slots() const override { return {{"mean", 0.0F}, {"square", 0.0F}}; }
  double rate(double learning_rate, std::uint64_t update_number) const override {
    const double beta1 = static_cast<double>(options_.beta1);
    const double beta2 = static_cast<double>(options_.beta2);
    return learning_rate * std::sqrt(1 - power(beta2, update_number)) /
           (1 - power(beta1, update_number));
  }
  void update(const Run& run, double adam_rate) const override {
    const auto rate = static_cast<float>(adam_rate);
    const float keep1 = 1 - options_.beta1;
    const float keep2 = 1 - options_.beta2;
    const float epsilon = options_.epsilon;
    float* __restrict parameters = run.parameters;
    float* __restrict mean = run.state[0];
    float* __restrict square = run.state[1];
    const float* __restrict gradient = run.gradient;
    for (std::size_t i = 0; i < run.count; ++i) {
      const float g = gradient[i];
      mean[i] += keep1 * (g - mean[i]);
      square[i] += keep2 * (g * g - square[i]);
      parameters[i] -= rate * mean[i] / (std::sqrt(square[i]) + epsilon);
    }
  }

 private:
  AdamOptions options_;
};

struct NamedOptimizer {
  std::string_view name;
  std::unique_ptr<Optimizer> (*make)();
};
constexpr std::array kOptimizers{
    NamedOptimizer{"adagrad", [] { return make_adagrad({}); }},
    NamedOptimizer{"sgd", [] { return make_sgd(); }},
    NamedOptimizer{"adam", [] { return make_adam({}); }},
};

}  // namespace

double Optimizer::rate(double learning_rate, std::uint64_t) const {
  return learning_rate;
}

std::vector<ParameterSet> Optimizer::make_state(const ParameterLayout& layout) const {
  std::vector<ParameterSet> state;
  for (const Slot& slot : slots()) state.emplace_back(layout, slot.initial);
  return state;
}

std::unique_ptr<Optimizer> make_adagrad(const AdagradOptions& options) {
  return std::make_unique<Adagrad>(options);
}

std::unique_ptr<Optimizer> make_sgd() {
  return std::make_unique<Sgd>();
}

std::unique_ptr<Optimizer> make_adam(const AdamOptions& options) {
  return std::make_unique<Adam>(options);
}

std::unique_ptr<Optimizer> make_optimizer(std::string_view name) {
  for (const NamedOptimizer& known : kOptimizers) {
    if (known.name == name) return known.make();
  }
  throw UsageError("{}", not_one_of(name, optimizer_names()));
}

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const NamedOptimizer& known : kOptimizers) names.emplace_back(known.name);
  return names;
}

}  // namespace nnrec::nn
