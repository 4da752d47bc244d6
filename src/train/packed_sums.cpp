#include "nnrec/train/packed_sums.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nnrec::train {

static_assert(std::endian::native == std::endian::little);

std::uint8_t packed_width(std::span<const std::int64_t> sums) noexcept {
  std::uint64_t magnitudes = 0;  // of a negative number -1 - x, which needs as many bits
  for (const std::int64_t sum : sums) magnitudes |= static_cast<std::uint64_t>(sum ^ (sum >> 63));
  const int bits = static_cast<int>(std::bit_width(magnitudes)) + 1;  // and the sign
  return static_cast<std::uint8_t>((bits + 7) / 8);
}

void pack(std::span<const std::int64_t> sums, std::uint8_t width, std::byte* to) noexcept {
  // Whole words as long as these stay inside the row, as another thread may write the next one.
  const std::size_t whole = sums.size() - std::min(sums.size(), std::size_t{kPackedSlack});
  std::size_t i = 0;
  for (; i < whole; ++i, to += width) std::memcpy(to, &sums[i], sizeof(sums[i]));
  for (; i < sums.size(); ++i, to += width) std::memcpy(to, &sums[i], width);
}

void add_packed(const std::byte* from, std::uint8_t width, std::span<std::int64_t> sums) noexcept {
  const int unused = 64 - 8 * width;
  for (std::int64_t& sum : sums) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof(word));
    // Unsigned: a wrap, which the owner of the sums excludes, is at least not undefined.
    const std::int64_t number = static_cast<std::int64_t>(word << unused) >> unused;
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) +
                                    static_cast<std::uint64_t>(number));
    from += width;
  }
}

}  // namespace nnrec::train
