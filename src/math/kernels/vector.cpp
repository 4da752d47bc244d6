// Compiled once for each set of instructions (Highway's foreach_target includes this file again).
// Held equal to reference.cpp bit by bit: no operation here may depend on a vector's width.
#include <bit>
#include <cstddef>

#include "nnrec/base/fixed_point.hpp"
#include "nnrec/math/kernels.hpp"

#include "kernel_table.hpp"

// Nothing here encrypts: without this a build for x86-64-v3 counts as one for less.
#define HWY_DISABLE_PCLMUL_AES
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "math/kernels/vector.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "math/kernels/vector_random.hpp"

// Highway goes through more sets: some without fused multiply-adds, which would give other bits,
// and some beyond AVX3, which would gain nothing here.
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_NEON

HWY_BEFORE_NAMESPACE();
namespace nnrec::math::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kWidth = hn::MaxLanes(Floats());

// ------------------------------------------------------------------ products

// Rows and vectors of a block of c whose sums fill the registers: measured best.
constexpr std::size_t kBlockRows = 6;
constexpr std::size_t kBlockVectors = HWY_TARGET == HWY_AVX2 ? 2 : 4;
/// With one vector a row: as many chains, to hide the multiply-add's latency.
constexpr std::size_t kTallRows = 12;

template <class D>
HWY_INLINE void finish_vector(D d, Vec<D> sum, const float* bias, Finish finish, float* c) {
  if (finish == Finish::add) sum = hn::Add(hn::LoadU(d, c), sum);
  if (finish == Finish::bias || finish == Finish::bias_relu) {
    sum = hn::Add(sum, hn::LoadU(d, bias));
    const auto zero = hn::Zero(d);
    // Not Max: that may lose a NaN.
    if (finish == Finish::bias_relu) sum = hn::IfThenElse(hn::Lt(sum, zero), zero, sum);
  }
  hn::StoreU(sum, d, c);
}

/// The block of c from (i, j) on, of Rows rows and Vectors vectors.
template <std::size_t Rows, std::size_t Vectors, class D>
HWY_INLINE void block(D d, const Product& p, Finish finish, std::size_t i, std::size_t j) {
  const std::size_t width = hn::Lanes(d);
  const float* HWY_RESTRICT a = p.a + i * p.a_row;
  const float* HWY_RESTRICT b = p.b + j;
  Vec<D> sums[Rows][Vectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  for (std::size_t k = 0; k < p.inner; ++k, a += p.a_inner, b += p.b_row) {
    Vec<D> from_b[Vectors];
    HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) from_b[v] = hn::LoadU(d, b + v * width);
    HWY_UNROLL(12) for (std::size_t r = 0; r < Rows; ++r) {
      const auto from_a = hn::Set(d, a[r * p.a_row]);
      HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
        sums[r][v] = hn::MulAdd(from_a, from_b[v], sums[r][v]);
      }
    }
  }
  const float* bias = p.bias == nullptr ? nullptr : p.bias + j;
  HWY_UNROLL(12) for (std::size_t r = 0; r < Rows; ++r) {
    float* c = p.c + (i + r) * p.c_row + j;
    HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
      finish_vector(d, sums[r][v], bias + v * width, finish, c + v * width);
    }
  }
}

/// All rows of the columns [j, j + Vectors * lanes).
template <std::size_t Rows, std::size_t Vectors, class D>
HWY_INLINE void columns(D d, const Product& p, Finish finish, std::size_t j) {
  std::size_t i = 0;
  for (; i + Rows <= p.rows; i += Rows) block<Rows, Vectors>(d, p, finish, i, j);
  for (; i + 4 <= p.rows; i += 4) block<4, Vectors>(d, p, finish, i, j);
  for (; i < p.rows; ++i) block<1, Vectors>(d, p, finish, i, j);
}

/// The last columns, fewer than 2 * Width, by vectors that get narrower.
template <std::size_t Width>
HWY_INLINE void last_columns(const Product& p, Finish finish, std::size_t j) {
  const hn::CappedTag<float, Width> d;
  if (p.cols - j >= Width) {
    columns<kTallRows, 1>(d, p, finish, j);
    j += Width;
  }
  if constexpr (Width > 1) last_columns<Width / 2>(p, finish, j);
}

void product(const Product& p, Finish finish) {
  const Floats d;
  std::size_t j = 0;
  for (; j + kBlockVectors * kWidth <= p.cols; j += kBlockVectors * kWidth) {
    columns<kBlockRows, kBlockVectors>(d, p, finish, j);
  }
  for (; j + 2 * kWidth <= p.cols; j += 2 * kWidth) columns<kBlockRows, 2>(d, p, finish, j);
  last_columns<kWidth>(p, finish, j);
}

// ---------------------------------------------------------------------- dots

using Quarter = hn::FixedTag<float, 4>;
constexpr std::size_t kVectorsOfLanes = kDotLanes / kWidth;

/// The lanes, folded to four.
HWY_INLINE Vec<Quarter> fold_to_four(const Vec<Floats>* lanes) {
  const Quarter d;
#if HWY_TARGET == HWY_AVX3
  const hn::FixedTag<float, 8> half;
  const auto eight = hn::Add(hn::LowerHalf(half, lanes[0]), hn::UpperHalf(half, lanes[0]));
  return hn::Add(hn::LowerHalf(d, eight), hn::UpperHalf(d, eight));
#elif HWY_TARGET == HWY_AVX2
  const auto eight = hn::Add(lanes[0], lanes[1]);
  return hn::Add(hn::LowerHalf(d, eight), hn::UpperHalf(d, eight));
#else
  (void)d;
  return hn::Add(hn::Add(lanes[0], lanes[2]), hn::Add(lanes[1], lanes[3]));
#endif
}

/// A row's lanes for the elements up to the last whole kDotLanes.
HWY_INLINE void whole_lanes(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b,
                            std::size_t whole, Vec<Floats>* lanes) {
  const Floats d;
  for (std::size_t v = 0; v < kVectorsOfLanes; ++v) lanes[v] = hn::Zero(d);
  for (std::size_t c = 0; c < whole; c += kDotLanes) {
    for (std::size_t v = 0; v < kVectorsOfLanes; ++v) {
      const std::size_t at = c + v * kWidth;
      lanes[v] = hn::MulAdd(hn::LoadU(d, a + at), hn::LoadU(d, b + at), lanes[v]);
    }
  }
}

/// Adds the elements behind the whole lanes, fewer than kDotLanes.
HWY_INLINE void add_last(const float* a, const float* b, std::size_t count, Vec<Floats>* lanes) {
  const Floats d;
  HWY_ALIGN float last_a[kDotLanes] = {};
  HWY_ALIGN float last_b[kDotLanes] = {};
  HWY_ALIGN float sums[kDotLanes];
  for (std::size_t c = 0; c < count; ++c) {
    last_a[c] = a[c];
    last_b[c] = b[c];
  }
  for (std::size_t v = 0; v < kVectorsOfLanes; ++v) {
    const std::size_t at = v * kWidth;
    const auto added = hn::MulAdd(hn::Load(d, last_a + at), hn::Load(d, last_b + at), lanes[v]);
    hn::Store(lanes[v], d, sums + at);
    HWY_ALIGN float more[kWidth];
    hn::Store(added, d, more);
    // A lane without an element keeps its bits: adding 0 to -0 would not.
    for (std::size_t l = 0; l < kWidth && at + l < count; ++l) sums[at + l] = more[l];
    lanes[v] = hn::Load(d, sums + at);
  }
}

/// So many rows ahead, rows that lie here and there are asked for: measured best of 0, 8 and 16.
constexpr std::size_t kAhead = 8;

HWY_INLINE void fetch(const float* row, std::size_t count) {
  constexpr std::size_t kLine = 16;
  for (std::size_t c = 0; c < HWY_MIN(count, 4 * kLine); c += kLine) __builtin_prefetch(row + c);
}

void row_dots(const RowDots& p) {
  const Quarter d;
  constexpr std::size_t kRows = 8;
  HWY_ALIGN float folded[kRows * 4];
  const std::size_t whole = p.count / kDotLanes * kDotLanes;
  for (std::size_t first = 0; first < p.rows; first += kRows) {
    const std::size_t rows = HWY_MIN(kRows, p.rows - first);
    for (std::size_t r = 0; r < rows; ++r) {
      const float* a = p.a.row(first + r);
      const float* b = p.b.row(first + r);
      if (first + r + kAhead < p.rows) {
        if (p.a.index != nullptr) fetch(p.a.row(first + r + kAhead), p.count);
        if (p.b.index != nullptr) fetch(p.b.row(first + r + kAhead), p.count);
      }
      Vec<Floats> lanes[kVectorsOfLanes];
      whole_lanes(a, b, whole, lanes);
      if (whole < p.count) add_last(a + whole, b + whole, p.count - whole, lanes);
      hn::Store(fold_to_four(lanes), d, folded + 4 * r);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      const float* four = folded + 4 * r;
      p.y[(first + r) * p.y_row] = ((four[0] + four[2]) + (four[1] + four[3])) + p.bias;
    }
  }
}

// --------------------------------------------------------------- exact sums

/// Floats below kFixedLimit in fixed point: times `scale`, a power of two, rounded to integers,
/// ties to even.
template <class D>
class Fixed {
 public:
  using Half = hn::Half<D>;
  using Integers = hn::Repartition<std::int64_t, D>;
  // Of 512 bits there is a conversion that rounds alike; what others do adds kFixedMagic, too.
  static constexpr bool kIsOwn = HWY_TARGET == HWY_AVX3 && hn::MaxLanes(D()) == kWidth;
  static constexpr std::uint64_t kMagic = kIsOwn ? 0 : std::bit_cast<std::uint64_t>(kFixedMagic);

  HWY_INLINE explicit Fixed(double scale)
      : scale_(hn::Set(Doubles(), scale)),
        scale_of_floats_(hn::Set(D(), static_cast<float>(scale))) {}

  HWY_INLINE void add(Vec<D> value, Vec<Integers>& lower, Vec<Integers>& upper) const {
    const Half half;
    if constexpr (kIsOwn) value = hn::Mul(value, scale_of_floats_);
    lower = hn::Add(lower, of(hn::LowerHalf(half, value)));
    upper = hn::Add(upper, of(hn::UpperHalf(half, value)));
  }

 private:
  using Doubles = hn::Repartition<double, D>;

  HWY_INLINE Vec<Integers> of(Vec<Half> value) const {
#if HWY_TARGET == HWY_AVX3
    if constexpr (kIsOwn) return Vec<Integers>{_mm512_cvtps_epi64(value.raw)};
#endif
    const auto magic = hn::Set(Doubles(), kFixedMagic);
    const auto fixed = hn::MulAdd(hn::PromoteTo(Doubles(), value), scale_, magic);
    return hn::BitCast(Integers(), fixed);
  }

  Vec<Doubles> scale_;
  Vec<D> scale_of_floats_;
};

/// Of lanes that are not negative.
template <class V>
HWY_INLINE std::uint32_t largest_lane(V seen) {
  const hn::DFromV<V> d;
  HWY_ALIGN std::int32_t lanes[hn::MaxLanes(d)];
  hn::Store(seen, d, lanes);
  std::uint32_t largest = 0;
  for (const std::int32_t lane : lanes) {
    largest = HWY_MAX(largest, static_cast<std::uint32_t>(lane));
  }
  return largest;
}

/// Sums the columns [c, c + Vectors * lanes) of all groups.
template <bool kHasFactors, std::size_t Vectors, class D>
HWY_INLINE void sum_columns(D d, const RowSums& p, std::size_t c, std::uint32_t& largest) {
  const typename Fixed<D>::Integers integers;
  const hn::RebindToSigned<D> bits;
  const std::size_t width = hn::Lanes(d);
  const Fixed<D> fixed(GradientFixed::grid_scale(p.shift));
  const auto magnitude = hn::Set(bits, 0x7FFFFFFF);
  auto seen = hn::Zero(bits);
  const std::size_t last = p.of.offsets.back();
  for (std::size_t g = 0; g + 1 < p.of.offsets.size(); ++g) {
    const std::size_t begin = p.of.offsets[g];
    const std::size_t end = p.of.offsets[g + 1];
    hn::Vec<decltype(integers)> sums[2 * Vectors];
    HWY_UNROLL(8) for (auto& sum : sums) sum = hn::Zero(integers);
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t at = p.of.rows[i] - p.of.first_row;
      const float* HWY_RESTRICT row = p.of.values.row(at) + c;
      if (i + kAhead < last) {
        fetch(p.of.values.row(p.of.rows[i + kAhead] - p.of.first_row) + c, Vectors * width);
      }
      const auto factor = hn::Set(d, kHasFactors ? p.of.factors[at * p.of.factor_stride] : 1);
      HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
        auto value = hn::LoadU(d, row + v * width);
        if (kHasFactors) value = hn::Mul(factor, value);
        seen = hn::Max(seen, hn::And(hn::BitCast(bits, value), magnitude));
        fixed.add(value, sums[2 * v], sums[2 * v + 1]);
      }
    }
    // Unsigned, as it may wrap.
    const std::uint64_t brought = Fixed<D>::kMagic * (end - begin);
    const auto bias = hn::Set(integers, static_cast<std::int64_t>(brought));
    HWY_UNROLL(8) for (std::size_t v = 0; v < 2 * Vectors; ++v) {
      std::int64_t* sum = p.sum + g * p.sum_row + c + v * (width / 2);
      const auto units = hn::ShiftLeftSame(hn::Sub(sums[v], bias), static_cast<int>(p.shift));
      hn::StoreU(units, integers, sum);
    }
  }
  largest = HWY_MAX(largest, largest_lane(seen));
}

/// The last columns, fewer than 2 * Width, by vectors that get narrower.
template <bool kHasFactors, std::size_t Width>
HWY_INLINE void sum_last_columns(const RowSums& p, std::size_t c, std::uint32_t& largest) {
  if constexpr (Width > 1) {
    if (p.cols - c >= Width) {
      sum_columns<kHasFactors, 1>(hn::CappedTag<float, Width>(), p, c, largest);
      c += Width;
    }
    sum_last_columns<kHasFactors, Width / 2>(p, c, largest);
  } else if (c < p.cols) {
    RowSums rest = p;
    rest.of.values.rows += c;
    rest.sum += c;
    rest.cols = 1;
    largest = HWY_MAX(largest, kReference.row_sums(rest));
  }
}

template <bool kHasFactors>
std::uint32_t sum_all_columns(const RowSums& p) {
  const Floats d;
  std::uint32_t largest = 0;
  std::size_t c = 0;
  for (; c + 4 * kWidth <= p.cols; c += 4 * kWidth) {
    sum_columns<kHasFactors, 4>(d, p, c, largest);
  }
  for (; c + 2 * kWidth <= p.cols; c += 2 * kWidth) {
    sum_columns<kHasFactors, 2>(d, p, c, largest);
  }
  sum_last_columns<kHasFactors, kWidth>(p, c, largest);
  return largest;
}

std::uint32_t row_sums(const RowSums& p) {
  return p.of.factors == nullptr ? sum_all_columns<false>(p) : sum_all_columns<true>(p);
}

/// Bits of the largest |value|, the lanes behind `count` left out.
HWY_INLINE std::uint32_t largest_bits(const float* value, std::size_t count) {
  const Floats d;
  const hn::RebindToSigned<Floats> bits;
  const auto magnitude = hn::Set(bits, 0x7FFFFFFF);
  auto seen = hn::Zero(bits);
  std::size_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    seen = hn::Max(seen, hn::And(hn::BitCast(bits, hn::LoadU(d, value + i)), magnitude));
  }
  std::uint32_t largest = largest_lane(seen);
  for (; i < count; ++i) {
    largest = HWY_MAX(largest, std::bit_cast<std::uint32_t>(value[i]) & 0x7FFFFFFFU);
  }
  return largest;
}

std::size_t add_fixed(const FixedAdd& p) {
  const Floats d;
  const Fixed<Floats>::Integers integers;
  const Fixed<Floats> fixed(GradientFixed::kScale);
  const auto bias = hn::Set(integers, static_cast<std::int64_t>(Fixed<Floats>::kMagic));
  std::size_t i = 0;
  while (i < p.count) {
    const std::size_t end = HWY_MIN(p.count, i + kCheckedValues);
    if (largest_bits(p.value + i, end - i) >= std::bit_cast<std::uint32_t>(p.limit)) return i;
    for (; i + kWidth <= end; i += kWidth) {
      std::int64_t* sum = p.sum + i;
      auto lower = hn::LoadU(integers, sum);
      auto upper = hn::LoadU(integers, sum + kWidth / 2);
      fixed.add(hn::LoadU(d, p.value + i), lower, upper);
      hn::StoreU(hn::Sub(lower, bias), integers, sum);
      hn::StoreU(hn::Sub(upper, bias), integers, sum + kWidth / 2);
    }
    for (; i < end; ++i) p.sum[i] += GradientFixed::from(static_cast<double>(p.value[i]));
  }
  return p.count;
}

void means(const Means& p) {
  const hn::ScalableTag<double> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const hn::Rebind<float, decltype(d)> floats;
  const std::size_t width = hn::Lanes(d);
  const auto unit = hn::Set(d, p.unit);
  std::size_t i = 0;
  for (; i + width <= p.count; i += width) {
    const auto sum = hn::ConvertTo(d, hn::LoadU(integers, p.sum + i));
    hn::StoreU(hn::DemoteTo(floats, hn::Mul(sum, unit)), floats, p.mean + i);
  }
  kReference.means({p.sum + i, p.count - i, p.unit, p.mean + i});
}

// ---------------------------------------------------------------- added rows

/// Of row r the columns [c, c + Vectors * lanes).
template <std::size_t Vectors, class D>
HWY_INLINE void add_columns(D d, const RowAdds& p, std::size_t r, std::size_t c) {
  const std::size_t width = hn::Lanes(d);
  float* HWY_RESTRICT y = p.y + r * p.y_row + c;
  Vec<D> sums[Vectors];
  HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
    sums[v] = hn::LoadU(d, p.bias + c + v * width);
    if (p.adds) sums[v] = hn::Add(sums[v], hn::LoadU(d, y + v * width));
  }
  for (std::size_t i = 0; i < p.count; ++i) {
    const float* HWY_RESTRICT from = p.addends[i].row(r) + c;
    HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
      sums[v] = hn::Add(sums[v], hn::LoadU(d, from + v * width));
    }
  }
  const auto zero = hn::Zero(d);
  HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
    if (p.relu) sums[v] = hn::IfThenElse(hn::Lt(sums[v], zero), zero, sums[v]);
    hn::StoreU(sums[v], d, y + v * width);
  }
}

/// The last columns, fewer than 2 * Width, by vectors that get narrower.
template <std::size_t Width>
HWY_INLINE void add_last_columns(const RowAdds& p, std::size_t r, std::size_t c) {
  const hn::CappedTag<float, Width> d;
  if (p.cols - c >= Width) {
    add_columns<1>(d, p, r, c);
    c += Width;
  }
  if constexpr (Width > 1) add_last_columns<Width / 2>(p, r, c);
}

void row_adds(const RowAdds& p) {
  const Floats d;
  for (std::size_t r = 0; r < p.rows; ++r) {
    std::size_t c = 0;
    for (; c + 4 * kWidth <= p.cols; c += 4 * kWidth) add_columns<4>(d, p, r, c);
    for (; c + kWidth <= p.cols; c += kWidth) add_columns<1>(d, p, r, c);
    if constexpr (kWidth > 1) add_last_columns<kWidth / 2>(p, r, c);
  }
}

constexpr std::string_view kName = HWY_TARGET == HWY_AVX3   ? "avx512"
                                   : HWY_TARGET == HWY_AVX2 ? "avx2"
                                                            : "neon";
const Kernels kKernels{kName,  &product, &row_dots, &row_sums, &add_fixed,
                       &means, &normals, &permuted, &row_adds};

const Kernels* kernels() {
  return &kKernels;
}

}  // namespace nnrec::math::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET

#if HWY_ONCE
#include <array>

namespace nnrec::math::kernels {

std::span<const Kernels* const> vector_kernels() {
  static std::array<const Kernels*, 2> found{};
  static const std::size_t count = [] {
    const auto supported = hwy::SupportedTargets();
    std::size_t n = 0;
#if HWY_TARGETS & HWY_AVX3
    if ((supported & HWY_AVX3) != 0) found[n++] = N_AVX3::kernels();
#endif
#if HWY_TARGETS & HWY_AVX2
    if ((supported & HWY_AVX2) != 0) found[n++] = N_AVX2::kernels();
#endif
#if HWY_TARGETS & HWY_NEON
    if ((supported & HWY_NEON) != 0) found[n++] = N_NEON::kernels();
#endif
    return n;
  }();
  return {found.data(), count};
}

}  // namespace nnrec::math::kernels
#endif  // HWY_ONCE
