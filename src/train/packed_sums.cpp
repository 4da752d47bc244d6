#include "nnrec/train/packed_sums.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nnrec::train {

static_assert(std::endian::native == std::endian::little);
namespace {

/// All their bits; of a negative number those of -1 - x, which needs as many.
std::uint64_t magnitudes(std::span<const std::int64_t> sums) noexcept {
  std::uint64_t bits = 0;
  for (const std::int64_t sum : sums) bits |= static_cast<std::uint64_t>(sum ^ (sum >> 63));
  return bits;
}

}  // namespace

std::uint8_t packed_width(std::span<const std::int64_t> sums, unsigned shift) noexcept {
  const int bits = static_cast<int>(std::bit_width(magnitudes(sums) >> shift)) + 1;  // and the sign
  return static_cast<std::uint8_t>((bits + 7) / 8);
}

void pack(std::span<const std::int64_t> sums, std::uint8_t width, std::byte* to,
          unsigned shift) noexcept {
  const auto write = [&](std::size_t i, std::size_t bytes) {
    const std::int64_t number = sums[i] >> shift;
    std::memcpy(to, &number, bytes);
  };
  // Whole words as long as these stay inside the row, as another thread may write the next one.
  const std::size_t whole = sums.size() - std::min(sums.size(), std::size_t{kPackedSlack});
  std::size_t i = 0;
  for (; i < whole; ++i, to += width) write(i, sizeof(std::int64_t));
  for (; i < sums.size(); ++i, to += width) write(i, width);
}

void add_packed(const std::byte* from, std::uint8_t width, std::span<std::int64_t> sums,
                unsigned shift) noexcept {
  const int unused = 64 - 8 * width;
  for (std::int64_t& sum : sums) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof(word));
    // Unsigned: a wrap, which the owner of the sums excludes, is at least not undefined.
    const std::int64_t number = (static_cast<std::int64_t>(word << unused) >> unused) << shift;
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) +
                                    static_cast<std::uint64_t>(number));
    from += width;
  }
}

std::uint64_t pack_pairs(std::span<const std::int64_t> sums, unsigned shift,
                         std::span<std::int64_t> words) noexcept {
  const std::size_t pairs = sums.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    const auto upper = static_cast<std::uint64_t>(sums[2 * i] >> shift);
    const auto lower = static_cast<std::uint64_t>(sums[2 * i + 1] >> shift);
    words[i] = static_cast<std::int64_t>((upper << 32) + lower);
  }
  if (sums.size() % 2 != 0) words[pairs] = (sums.back() >> shift) << 32;
  return (magnitudes(sums) >> shift) + 1;
}

void unpack_pairs(std::span<const std::int64_t> words, unsigned shift,
                  std::span<std::int64_t> sums) noexcept {
  const auto upper = [](std::int64_t word) {
    const auto lower = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(word)});
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(word) - lower) >> 32;
  };
  const std::size_t pairs = sums.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i) {
    sums[2 * i] = upper(words[i]) << shift;
    sums[2 * i + 1] = std::int64_t{static_cast<std::int32_t>(words[i])} << shift;
  }
  if (sums.size() % 2 != 0) sums.back() = upper(words[pairs]) << shift;
}

}  // namespace nnrec::train
