// Numbers that are functions of a counter: a part of vector.cpp, compiled once for each set of
// instructions as that is.
#if defined(NNREC_MATH_KERNELS_VECTOR_RANDOM) == defined(HWY_TARGET_TOGGLE)
#ifdef NNREC_MATH_KERNELS_VECTOR_RANDOM
#undef NNREC_MATH_KERNELS_VECTOR_RANDOM
#else
#define NNREC_MATH_KERNELS_VECTOR_RANDOM
#endif

#include <hwy/highway.h>

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_NEON

HWY_BEFORE_NAMESPACE();
namespace nnrec::math::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
template <class D>
using Vec = hn::Vec<D>;

// ------------------------------------------------------------------- normals

using Words = hn::ScalableTag<std::uint32_t>;

/// The 64 bits of each lane's product with `factor`, in an upper and a lower half.
HWY_INLINE void wide_product(Vec<Words> lanes, std::uint32_t factor, Vec<Words>& high,
                             Vec<Words>& low) {
  const Words d;
  const hn::RepartitionToWide<Words> dw;
  const auto by = hn::Set(d, factor);
  const auto even = hn::MulEven(lanes, by);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(dw, lanes))), by);
  high = hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<32>(even)));
  low = hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even));
}

/// Philox4x32-10 of as many counters as a vector has lanes: see base/random.cpp.
HWY_INLINE void philox(const Normals& p, std::uint64_t first, Vec<Words> (&word)[4]) {
  const Words d;
  const auto low = hn::Iota(d, static_cast<std::uint32_t>(first));
  word[0] = low;
  word[1] = hn::Set(d, static_cast<std::uint32_t>(first >> 32));
  word[2] = hn::Set(d, p.upper[0]);
  word[3] = hn::Set(d, p.upper[1]);
  auto key0 = p.key[0];
  auto key1 = p.key[1];
  for (int round = 0; round < 10; ++round) {
    Vec<Words> high0;
    Vec<Words> low0;
    Vec<Words> high1;
    Vec<Words> low1;
    wide_product(word[0], 0xD2511F53U, high0, low0);
    wide_product(word[2], 0xCD9E8D57U, high1, low1);
    word[0] = hn::Xor(hn::Xor(high1, word[1]), hn::Set(d, key0));
    word[1] = low1;
    word[2] = hn::Xor(hn::Xor(high0, word[3]), hn::Set(d, key1));
    word[3] = low0;
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
}

template <std::size_t N>
HWY_INLINE Vec<Floats> series(const std::array<float, N>& coefficients, Vec<Floats> square) {
  const Floats d;
  auto sum = hn::Set(d, coefficients[0]);
  for (std::size_t i = 1; i < N; ++i) {
    sum = hn::MulAdd(sum, square, hn::Set(d, coefficients[i]));
  }
  return sum;
}

HWY_INLINE Vec<Floats> logarithm(Vec<Floats> x) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const auto bits = hn::BitCast(di, x);
  const auto exponent = hn::ShiftRight<kMantissaBits>(hn::Sub(bits, hn::Set(di, kRootOfHalfBits)));
  const auto part = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<kMantissaBits>(exponent)));
  const auto one = hn::Set(d, 1.0F);
  const auto s = hn::Div(hn::Sub(part, one), hn::Add(part, one));
  const auto sum = series(kArtanh, hn::Mul(s, s));
  return hn::MulAdd(hn::ConvertTo(d, exponent), hn::Set(d, kLn2), hn::Mul(hn::Add(s, s), sum));
}

HWY_INLINE Vec<Floats> open_uniform(Vec<Words> word) {
  const Floats d;
  const Words dw;
  const hn::RebindToSigned<Floats> di;
  const auto odd = hn::Or(hn::ShiftLeft<1>(hn::ShiftRight<9>(word)), hn::Set(dw, 1U));
  return hn::Mul(hn::ConvertTo(d, hn::BitCast(di, odd)), hn::Set(d, 0x1p-24F));
}

HWY_INLINE void two_normals(Vec<Words> far, Vec<Words> where, Vec<Floats>& first,
                            Vec<Floats>& second) {
  const Floats d;
  const Words dw;
  const auto radius = hn::Sqrt(hn::Mul(hn::Set(d, -2.0F), logarithm(open_uniform(far))));
  const auto angle = hn::Mul(hn::Sub(open_uniform(hn::ShiftLeft<2>(where)), hn::Set(d, 0.5F)),
                             hn::Set(d, kHalfPi));
  const auto square = hn::Mul(angle, angle);
  const auto sine = hn::Mul(series(kSine, square), angle);
  const auto cosine = series(kCosine, square);
  const auto sign = hn::And(where, hn::Set(dw, 0x80000000U));
  const auto signed_radius = hn::BitCast(d, hn::Xor(hn::BitCast(dw, radius), sign));
  const auto swap_bit = hn::Set(dw, 0x40000000U);
  const auto swapped = hn::RebindMask(d, hn::Eq(hn::And(where, swap_bit), swap_bit));
  first = hn::Mul(signed_radius, hn::IfThenElse(swapped, sine, cosine));
  second = hn::Mul(signed_radius, hn::IfThenElse(swapped, cosine, sine));
}

void normals(const Normals& p) {
  const Floats d;
  const std::size_t width = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + width <= p.count; i += width) {
    Vec<Words> word[4];
    philox(p, p.first + i, word);
    Vec<Floats> out[4];
    two_normals(word[0], word[1], out[0], out[1]);
    two_normals(word[2], word[3], out[2], out[3]);
    hn::StoreInterleaved4(out[0], out[1], out[2], out[3], d, p.out + 4 * i);
  }
  if (i < p.count) {
    Normals rest = p;
    rest.first += i;
    rest.count -= i;
    rest.out += 4 * i;
    kReference.normals(rest);
  }
}

// -------------------------------------------------------------- permutations

using Longs = hn::ScalableTag<std::uint64_t>;

/// Of the lower 32 bits of the lanes.
HWY_INLINE Vec<Longs> product_of_lower(Vec<Longs> a, Vec<Longs> b) {
  const Words d;
  return hn::MulEven(hn::BitCast(d, a), hn::BitCast(d, b));
}

/// One round of Permutation::encrypt for vectors of pairs: adds to each `to`, modulo `range`, what
/// `from` and the key give; or takes it away. All but the key are below 2^32.
template <Direction kDirection, std::size_t Vectors>
HWY_INLINE void feistel_round(std::uint64_t key, std::uint64_t range,
                              const Vec<Longs> (&from)[Vectors], Vec<Longs> (&to)[Vectors]) {
  constexpr std::uint64_t kLow = 0xFFFFFFFF;
  constexpr std::uint64_t kFactorLow = Permutation::kFactor & kLow;
  constexpr std::uint64_t kFactorHigh = Permutation::kFactor >> 32;
  const Longs d;
  const hn::RebindToSigned<Longs> integers;
  const auto low_half = hn::Set(d, kLow);
  const auto ranges = hn::Set(d, range);
  // (from ^ key) * factor, 128 bits, of which what the upper half of the key gives is known.
  const auto key_low = hn::Set(d, (key >> 32) * kFactorLow);
  const auto key_high = hn::Set(d, (key >> 32) * kFactorHigh);
  HWY_UNROLL(4) for (std::size_t v = 0; v < Vectors; ++v) {
    const auto x = hn::Xor(from[v], hn::Set(d, key));
    const auto low = product_of_lower(x, hn::Set(d, kFactorLow));
    const auto middle = hn::Add(key_low, hn::ShiftRight<32>(low));
    const auto other =
        hn::Add(product_of_lower(x, hn::Set(d, kFactorHigh)), hn::And(middle, low_half));
    const auto high =
        hn::Add(key_high, hn::Add(hn::ShiftRight<32>(middle), hn::ShiftRight<32>(other)));
    const auto mixed = hn::Xor(high, hn::Or(hn::ShiftLeft<32>(other), hn::And(low, low_half)));
    // mixed * range / 2^64
    const auto by =
        hn::ShiftRight<32>(hn::Add(product_of_lower(hn::ShiftRight<32>(mixed), ranges),
                                   hn::ShiftRight<32>(product_of_lower(mixed, ranges))));
    // One of both is in the range; the other one is below zero, or above.
    const bool adds = kDirection == Direction::encrypt;
    const auto more = adds ? hn::Add(to[v], by) : hn::Add(hn::Sub(to[v], by), ranges);
    const auto less = hn::Sub(more, ranges);
    const auto is_below = hn::Lt(hn::BitCast(integers, less), hn::Zero(integers));
    to[v] = hn::IfThenElse(hn::RebindMask(d, is_below), more, less);
  }
}

/// All rounds, in the direction's order.
template <Direction kDirection, std::size_t Vectors>
HWY_INLINE void feistel(const Permutation& of, Vec<Longs> (&highs)[Vectors],
                        Vec<Longs> (&lows)[Vectors]) {
  const auto& keys = of.keys();
  for (std::size_t pair = 0; pair < keys.size(); pair += 2) {
    if constexpr (kDirection == Direction::encrypt) {
      feistel_round<kDirection>(keys[pair], of.lows(), highs, lows);
      feistel_round<kDirection>(keys[pair + 1], of.highs(), lows, highs);
    } else {
      const std::size_t last = keys.size() - 1 - pair;
      feistel_round<kDirection>(keys[last], of.highs(), lows, highs);
      feistel_round<kDirection>(keys[last - 1], of.lows(), highs, lows);
    }
  }
}

template <Direction kDirection>
void permute(const Permuted& p) {
  constexpr std::size_t kVectors = 4;
  const Longs d;
  const std::size_t width = hn::Lanes(d);
  const std::uint64_t lows = p.of->lows();
  HWY_ALIGN std::uint64_t highs_of[kVectors * hn::MaxLanes(d)];
  HWY_ALIGN std::uint64_t lows_of[kVectors * hn::MaxLanes(d)];
  std::uint64_t high = p.first / lows;
  std::uint64_t low = p.first % lows;
  std::size_t i = 0;
  for (; i + kVectors * width <= p.count; i += kVectors * width) {
    for (std::size_t lane = 0; lane < kVectors * width; ++lane) {
      highs_of[lane] = high;
      lows_of[lane] = low;
      const bool is_last = ++low == lows;
      high += is_last ? 1 : 0;
      low = is_last ? 0 : low;
    }
    Vec<Longs> high_halves[kVectors];
    Vec<Longs> low_halves[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      high_halves[v] = hn::Load(d, highs_of + v * width);
      low_halves[v] = hn::Load(d, lows_of + v * width);
    }
    feistel<kDirection>(*p.of, high_halves, low_halves);
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto value = hn::Add(product_of_lower(high_halves[v], hn::Set(d, lows)), low_halves[v]);
      hn::StoreU(value, d, p.values + i + v * width);
    }
  }
  kReference.permuted({p.of, p.direction, p.first + i, p.values + i, p.count - i});
}

void permuted(const Permuted& p) {
  if (p.direction == Direction::encrypt) return permute<Direction::encrypt>(p);
  permute<Direction::decrypt>(p);
}

}  // namespace nnrec::math::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // HWY_TARGET

#endif  // once a set
