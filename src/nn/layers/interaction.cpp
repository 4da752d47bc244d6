#include <algorithm>
#include <array>

#include "nnrec/base/error.hpp"
#include "nnrec/nn/layer_visitor.hpp"

namespace nnrec::nn {
namespace {

/// Columns that are worked on together.
constexpr std::size_t kBlock = 64;

class Interaction final : public Layer {
 public:
  explicit Interaction(const std::vector<Value>& fields) : Layer(fields, {.cols = 1}) {}

  void forward(const LayerRun& run) const override {
    const Matrix y = run.output(output());
    for (std::size_t r = 0; r < y.rows; ++r) y.row(r)[0] = 0.0F;
    for_each_block([&](std::size_t begin, std::size_t count) {
      for (std::size_t r = 0; r < y.rows; ++r) {
        std::array<float, kBlock> sum{};
        std::array<float, kBlock> squares{};
        for (const Value field : inputs()) {
          const float* v = run.value(field).row(r) + begin;
          for (std::size_t c = 0; c < count; ++c) sum[c] += v[c];
          for (std::size_t c = 0; c < count; ++c) squares[c] += v[c] * v[c];
        }
        float total = 0.0F;
        for (std::size_t c = 0; c < count; ++c) total += sum[c] * sum[c] - squares[c];
        y.row(r)[0] += 0.5F * total;
      }
    });
  }

  /// dv_f = dy (sum over g of v_g - v_f).
  void backward(const LayerRun& run) const override {
    const ConstMatrix dy = run.gradient(output());
    for_each_block([&](std::size_t begin, std::size_t count) {
      for (std::size_t r = 0; r < dy.rows; ++r) {
        std::array<float, kBlock> sum{};
        for (const Value field : inputs()) {
          const float* v = run.value(field).row(r) + begin;
          for (std::size_t c = 0; c < count; ++c) sum[c] += v[c];
        }
        for (const Value field : inputs()) {
          if (!field.has_gradient) continue;
          const float* v = run.value(field).row(r) + begin;
          std::array<float, kBlock> gradient{};
          for (std::size_t c = 0; c < count; ++c) gradient[c] = dy.row(r)[0] * (sum[c] - v[c]);
          math::put(gradient.data(), count, run.gradient(field).row(r) + begin, run.write(field));
        }
      }
    });
  }

  void visit(LayerVisitor& visitor) const override { visitor.interaction(output(), inputs()); }

 private:
  template <typename Work>
  void for_each_block(const Work& work) const {
    const std::size_t cols = input().cols;
    for (std::size_t c = 0; c < cols; c += kBlock) work(c, std::min(kBlock, cols - c));
  }
};

}  // namespace

std::unique_ptr<Layer> interaction(const std::vector<Value>& fields) {
  if (fields.size() < 2) throw InternalError("an interaction needs two fields or more");
  for (const Value field : fields) {
    if (field.cols != fields.front().cols || field.fixed_rows != 0) {
      throw InternalError("an interaction needs fields of the batch, of one dimension");
    }
  }
  return std::make_unique<Interaction>(fields);
}

}  // namespace nnrec::nn
