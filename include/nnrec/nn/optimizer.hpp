#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/settings.hpp"

namespace nnrec::nn {

/// What state an optimiser keeps beside the parameters: a float an element, or one a row.
enum class SlotShape { element, row };

struct Slot {
  std::string name;
  SlotShape shape = SlotShape::element;
  float initial = 0.0F;
};

inline constexpr std::size_t kMostSlots = 4;

/// Some rows of one block, with gradient and state. The pointers of parameters and state are those
/// of the block's row 0; the gradient has only these rows, one after the other.
struct RowsToUpdate {
  float* parameters = nullptr;             ///< (rows of the block, cols)
  std::array<float*, kMostSlots> state{};  ///< slot s: (rows of the block, cols) or (.., 1)
  const float* gradient = nullptr;         ///< (count, cols)
  const std::uint32_t* rows = nullptr;     ///< which `count` rows; null: those from first_row on
  std::size_t first_row = 0;
  std::size_t count = 0;
  std::size_t cols = 0;

  std::size_t row(std::size_t i) const { return rows == nullptr ? first_row + i : rows[i]; }
  float* parameters_of(std::size_t i) const { return parameters + row(i) * cols; }
  const float* gradient_of(std::size_t i) const { return gradient + i * cols; }
  /// Of a slot with a float an element, and of one with a float a row.
  float* elements_of(std::size_t slot, std::size_t i) const { return state[slot] + row(i) * cols; }
  float& row_value(std::size_t slot, std::size_t i) const { return state[slot][row(i)]; }
};

/// (parameters, gradient, state) -> parameters, row by row. Holds settings, no state: that is part
/// of the training state (see UpdateRules). Rows that it is not given, those of an embedding that
/// a batch did not touch, keep parameters and state (the lazy form of each rule).
///
/// The same bits on every processor and with every libm: settings are rounded to float once, fused
/// multiply-adds are written out and the compiler makes no others here, and only what IEEE 754
/// defines to the last bit (+ - * / sqrt fma) is used.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual std::vector<Slot> slots() const = 0;
  /// `rate`: the learning rate of this update. `number`: of this update, from 1.
  struct Step {
    double rate;
    std::uint64_t number;
  };
  /// The gradient is the mean over the batch.
  virtual void update(const RowsToUpdate& rows, const Step& step) const = 0;
};

/// An optimiser and what it was made of.
struct NamedOptimizer {
  std::string name;
  std::string settings;  ///< all, as Settings::text() spells them
  std::shared_ptr<const Optimizer> optimizer;
  /// As --optimizer takes it.
  std::string text() const { return settings.empty() ? name : name + ":" + settings; }
};

/// From `name` and its settings, which are read and finished. Throws UsageError that lists the
/// names, or says what is wrong with a setting.
NamedOptimizer make_optimizer(std::string_view name, Settings settings);
/// From `NAME` or `NAME:setting=value,...`, as --optimizer takes it.
NamedOptimizer make_optimizer(std::string_view text);

/// The registry (src/nn/optimizers/registry.cpp).
std::vector<std::string> optimizer_names();
/// A line each: name, settings with their initial values, what it is.
std::string describe_optimizers();

}  // namespace nnrec::nn
