#include "nnrec/base/wide_sum.hpp"

namespace nnrec {
namespace {

constexpr int kWordBits = 42;
constexpr std::int64_t kWordMask = (std::int64_t{1} << kWordBits) - 1;

}  // namespace

WideSum::WideSum(const Words& words) noexcept {
  // Unsigned, because words may come from a file and be anything: a sum too large for 128 bits
  // wraps.
  Unsigned value = 0;
  for (std::size_t i = kWords; i-- > 0;) {
    value = (value << kWordBits) + static_cast<Unsigned>(words[i]);
  }
  value_ = static_cast<Value>(value);
}

WideSum::Words WideSum::words() const noexcept {
  Words words;
  Value rest = value_;
  for (std::size_t i = 0; i + 1 < kWords; ++i, rest >>= kWordBits) {
    words[i] = static_cast<std::int64_t>(rest) & kWordMask;
  }
  words[kWords - 1] = static_cast<std::int64_t>(rest);
  return words;
}

}  // namespace nnrec
