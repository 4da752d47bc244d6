#include "bags.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "nnrec/base/per_processor.hpp"

namespace nnrec::nn {
namespace {

/// Columns whose sums stay in registers while the members of a bag go by.
constexpr std::size_t kColumns = 16;

/// What each member of a bag of so many counts. A square root rounds alike everywhere.
inline float share_of_member(std::uint32_t members, BagScale scale) {
  const auto n = static_cast<float>(members);
  return 1.0F / (scale == BagScale::mean ? n : std::sqrt(n));
}

inline std::span<const std::uint32_t> members_of(const Bags& bags, std::size_t bag) {
  return {bags.values + bags.offsets[bag], bags.values + bags.offsets[bag + 1]};
}

}  // namespace

NNREC_PER_PROCESSOR
void sum_of_bags(ConstMatrix x, const Bags& bags, BagScale scale_by, Matrix y) {
  for (std::size_t r = 0; r < y.rows; ++r) {
    const auto members = members_of(bags, r);
    float* to = y.row(r);
    if (members.empty()) {
      std::fill_n(to, y.cols, 0.0F);
      continue;
    }
    const float scale = share_of_member(static_cast<std::uint32_t>(members.size()), scale_by);
    std::size_t first = 0;
    for (; first + kColumns <= y.cols; first += kColumns) {
      float sums[kColumns] = {};
      for (const std::uint32_t member : members) {
        const float* from = x.row(member) + first;
        for (std::size_t c = 0; c < kColumns; ++c) sums[c] += from[c];
      }
      for (std::size_t c = 0; c < kColumns; ++c) to[first + c] = sums[c] * scale;
    }
    for (; first < y.cols; ++first) {
      float sum = 0.0F;
      for (const std::uint32_t member : members) sum += x.row(member)[first];
      to[first] = sum * scale;
    }
  }
}

NNREC_PER_PROCESSOR
void share_of_members(const Bags& bags, BagScale scale_by, Matrix dy) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const std::uint32_t members = bags.offsets[r + 1] - bags.offsets[r];
    if (members <= 1) continue;
    const float scale = share_of_member(members, scale_by);
    float* gradient = dy.row(r);
    for (std::size_t c = 0; c < dy.cols; ++c) gradient[c] *= scale;
  }
}

NNREC_PER_PROCESSOR
void add_to_members(const Bags& bags, ConstMatrix dy, Matrix dx) {
  for (std::size_t r = 0; r < dy.rows; ++r) {
    const float* from = dy.row(r);
    for (const std::uint32_t member : members_of(bags, r)) {
      float* sum = dx.row(member);
      for (std::size_t c = 0; c < dy.cols; ++c) sum[c] += from[c];
    }
  }
}

}  // namespace nnrec::nn
