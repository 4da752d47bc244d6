#include "nnrec/nn/layers.hpp"

#include <algorithm>

namespace nnrec::nn {

void embedding_forward(ConstMatrix table, const std::uint32_t* index, Matrix y) {
  for (std::size_t r = 0; r < y.rows; ++r) std::copy_n(table.row(index[r]), y.cols, y.row(r));
}

void bag_mean_forward(ConstMatrix table, const Bags& bags, Matrix y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    float* sum = y.row(r);
    std::fill_n(sum, y.cols, 0.0F);
    const std::uint32_t begin = bags.offsets[r];
    const std::uint32_t end = bags.offsets[r + 1];
    if (begin == end) continue;
    for (std::uint32_t i = begin; i < end; ++i) {
      const float* member = table.row(bags.values[i]);
      for (std::size_t c = 0; c < y.cols; ++c) sum[c] += member[c];
    }
    const float scale = 1.0F / static_cast<float>(end - begin);
    for (std::size_t c = 0; c < y.cols; ++c) sum[c] *= scale;
  }
}

void bag_mean_backward(const Bags& bags, Matrix dy) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const std::uint32_t members = bags.offsets[r + 1] - bags.offsets[r];
    if (members <= 1) continue;
    const float scale = 1.0F / static_cast<float>(members);
    float* gradient = dy.row(r);
    for (std::size_t c = 0; c < dy.cols; ++c) gradient[c] *= scale;
  }
}

void bag_mean_scatter(const Bags& bags, ConstMatrix dy, Matrix dtable) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const float* gradient = dy.row(r);
    for (std::uint32_t i = bags.offsets[r]; i < bags.offsets[r + 1]; ++i) {
      float* sum = dtable.row(bags.values[i]);
      for (std::size_t c = 0; c < dy.cols; ++c) sum[c] += gradient[c];
    }
  }
}

void dense_forward(ConstMatrix x, ConstMatrix w, const float* bias, Activation activation,
                   Matrix y) {
  math::dense(x, w, bias, activation, y);
}

void dense_backward(ConstMatrix x, ConstMatrix w, ConstMatrix y, Activation activation, Matrix dy,
                    const DenseGradient& gradient) {
  if (activation == Activation::relu) math::relu_backward(y, dy);
  math::transposed_product(x, dy, gradient.dw);
  math::column_sums(dy, gradient.dbias);
  if (gradient.dx.data != nullptr) math::product_transposed(dy, w, gradient.dx);
}

void dot_forward(ConstMatrix a, ConstMatrix b, Matrix y) {
  for (std::size_t r = 0; r < y.rows; ++r) y.row(r)[0] = math::dot(a.row(r), b.row(r), a.cols);
}

void dot_backward(ConstMatrix a, ConstMatrix b, ConstMatrix dy, Matrix da, Matrix db) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const float scale = dy.row(r)[0];
    const float* left = a.row(r);
    const float* right = b.row(r);
    float* left_gradient = da.row(r);
    float* right_gradient = db.row(r);
    for (std::size_t c = 0; c < a.cols; ++c) {
      left_gradient[c] = scale * right[c];
      right_gradient[c] = scale * left[c];
    }
  }
}

void CounterDropout::apply(float rate, std::size_t layer, std::uint64_t first_position,
                           Matrix x) const {
  // One Philox call gives four words; a unit falls out when its word is below rate * 2^32.
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(rate) * 0x1p32);
  const float scale = 1.0F / (1.0F - rate);
  const std::size_t calls = (x.cols + 3) / 4;
  const std::uint64_t layer_bits = static_cast<std::uint64_t>(layer) << 56;
  for (std::size_t r = 0; r < x.rows; ++r) {
    float* row = x.row(r);
    for (std::size_t call = 0; call < calls; ++call) {
      const auto words = random_.words(layer_bits + (first_position + r) * calls + call);
      const std::size_t end = std::min(x.cols, 4 * call + 4);
      for (std::size_t c = 4 * call; c < end; ++c) {
        row[c] = words[c - 4 * call] < threshold ? 0.0F : row[c] * scale;
      }
    }
  }
}

}  // namespace nnrec::nn
