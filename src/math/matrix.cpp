#include "nnrec/math/matrix.hpp"

#include <algorithm>

#include <Eigen/Core>

namespace nnrec::math {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Stride = Eigen::OuterStride<>;
using Map = Eigen::Map<RowMajor, Eigen::Unaligned, Stride>;
using ConstMap = Eigen::Map<const RowMajor, Eigen::Unaligned, Stride>;

Map map(Matrix m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Stride(static_cast<Eigen::Index>(m.stride))};
}
ConstMap map(ConstMatrix m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols),
          Stride(static_cast<Eigen::Index>(m.stride))};
}

/// Eigen blocks its products by the cache sizes it finds; fixed sizes give the same order of
/// additions on every machine.
const bool kCacheSizesFixed = [] {
  Eigen::setCpuCacheSizes(32 << 10, 512 << 10, 8 << 20);
  return true;
}();

}  // namespace

float dot(const float* a, const float* b, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  const std::size_t whole = count / kLanes * kLanes;
  float lane[kLanes] = {};
  for (std::size_t c = 0; c < whole; c += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lane[l] += a[c + l] * b[c + l];
  }
  float sum =
      ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
  for (std::size_t c = whole; c < count; ++c) sum += a[c] * b[c];
  return sum;
}

void dense(ConstMatrix x, ConstMatrix w, const float* bias, Activation activation, Matrix y) {
  if (y.cols == 1 && w.stride == 1) {
    // The rating's column: a dot product a row.
    for (std::size_t r = 0; r < x.rows; ++r) y.row(r)[0] = dot(x.row(r), w.data, x.cols) + bias[0];
  } else {
    map(y).noalias() = map(x) * map(w);
    for (std::size_t r = 0; r < y.rows; ++r) {
      float* row = y.row(r);
      for (std::size_t c = 0; c < y.cols; ++c) row[c] += bias[c];
    }
  }
  if (activation == Activation::linear) return;
  for (std::size_t r = 0; r < y.rows; ++r) {
    float* row = y.row(r);
    // Written so that a NaN stays a NaN and is reported, not turned into 0.
    for (std::size_t c = 0; c < y.cols; ++c) row[c] = row[c] < 0.0F ? 0.0F : row[c];
  }
}

void transposed_product(ConstMatrix x, ConstMatrix y, Matrix w) {
  if (w.cols != 1 || w.stride != 1) {
    map(w).noalias() = map(x).transpose() * map(y);
    return;
  }
  std::fill_n(w.data, w.rows, 0.0F);
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float scale = y.row(r)[0];
    const float* row = x.row(r);
    for (std::size_t k = 0; k < w.rows; ++k) w.data[k] += scale * row[k];
  }
}

void product_transposed(ConstMatrix y, ConstMatrix w, Matrix x, Write write) {
  if (write == Write::add) {
    map(x).noalias() += map(y) * map(w).transpose();
  } else {
    map(x).noalias() = map(y) * map(w).transpose();
  }
}

void put(const float* from, std::size_t count, float* to, Write write) {
  if (write == Write::add) {
    for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
  } else {
    std::copy_n(from, count, to);
  }
}

void copy(ConstMatrix from, Matrix to, Write write) {
  if (from.data == to.data) return;
  for (std::size_t r = 0; r < to.rows; ++r) put(from.row(r), to.cols, to.row(r), write);
}

void scale_rows(ConstMatrix scale, ConstMatrix x, Matrix y, Write write) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const float factor = scale.row(r)[0];
    const float* from = x.row(r);
    float* to = y.row(r);
    if (write == Write::add) {
      for (std::size_t c = 0; c < y.cols; ++c) to[c] += factor * from[c];
    } else {
      for (std::size_t c = 0; c < y.cols; ++c) to[c] = factor * from[c];
    }
  }
}

void relu_backward(ConstMatrix value, Matrix gradient) {
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    const float* v = value.row(r);
    float* g = gradient.row(r);
    for (std::size_t c = 0; c < gradient.cols; ++c) g[c] = v[c] > 0.0F ? g[c] : 0.0F;
  }
}

void column_sums(ConstMatrix x, float* sums) {
  for (std::size_t c = 0; c < x.cols; ++c) sums[c] = 0.0F;
  for (std::size_t r = 0; r < x.rows; ++r) {
    const float* row = x.row(r);
    for (std::size_t c = 0; c < x.cols; ++c) sums[c] += row[c];
  }
}

}  // namespace nnrec::math
