#include "nnrec/train/packed_sums.hpp"

#include <algorithm>
#include <array>
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

constexpr std::size_t kMaskBits = 64;

/// Numbers / 2^shift, `width` bytes each.
void write(std::span<const std::int64_t> sums, std::size_t width, std::byte* to,
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

/// Adds a number of `width` bytes, times 2^shift.
void add(const std::byte* from, std::size_t width, unsigned shift, std::int64_t& sum) noexcept {
  const auto unused = static_cast<unsigned>(64 - 8 * width);
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  const std::int64_t number = (static_cast<std::int64_t>(word << unused) >> unused) << shift;
  // Unsigned: a wrap, which the owner of the sums excludes, is at least not undefined.
  sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) +
                                  static_cast<std::uint64_t>(number));
}

std::size_t mask_bytes(std::size_t cols) noexcept {
  return (cols + 7) / 8;
}

}  // namespace

RowPacking packing_of(std::span<const std::int64_t> sums, unsigned shift) noexcept {
  const int bits = static_cast<int>(std::bit_width(magnitudes(sums) >> shift)) + 1;  // and the sign
  std::size_t numbers = 0;
  for (const std::int64_t sum : sums) numbers += sum != 0 ? 1 : 0;
  const auto width = static_cast<std::size_t>(bits + 7) / 8;
  const bool is_shorter =
      numbers < RowPacking::kAll && mask_bytes(sums.size()) + numbers * width < sums.size() * width;
  if (!is_shorter) numbers = RowPacking::kAll;
  return {static_cast<std::uint16_t>(width & 0xfU), static_cast<std::uint16_t>(numbers & 0xfffU)};
}

void pack(std::span<const std::int64_t> sums, RowPacking packing, std::byte* to,
          unsigned shift) noexcept {
  const std::size_t width = packing.width;
  if (packing.numbers == RowPacking::kAll) return write(sums, width, to, shift);
  std::byte* mask_to = to;
  to += mask_bytes(sums.size());
  std::array<std::int64_t, kMaskBits> numbers;
  for (std::size_t begin = 0; begin < sums.size(); begin += kMaskBits) {
    const auto part = sums.subspan(begin, std::min(kMaskBits, sums.size() - begin));
    std::uint64_t mask = 0;
    std::size_t count = 0;  // without branches, as half of them would be taken
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::size_t is_there = part[i] != 0 ? 1 : 0;
      numbers[count] = part[i];
      count += is_there;
      mask |= std::uint64_t{is_there} << i;
    }
    std::memcpy(mask_to, &mask, mask_bytes(part.size()));
    mask_to += mask_bytes(part.size());
    write(std::span(numbers).first(count), width, to, shift);
    to += count * width;
  }
}

void add_packed(const std::byte* from, RowPacking packing, std::span<std::int64_t> sums,
                unsigned shift) noexcept {
  const std::size_t width = packing.width;
  if (packing.numbers == RowPacking::kAll) {
    for (std::int64_t& sum : sums) {
      add(from, width, shift, sum);
      from += width;
    }
    return;
  }
  const std::byte* mask_from = from;
  from += mask_bytes(sums.size());
  for (std::size_t begin = 0; begin < sums.size(); begin += kMaskBits) {
    const std::size_t bytes = mask_bytes(std::min(kMaskBits, sums.size() - begin));
    std::uint64_t mask = 0;
    std::memcpy(&mask, mask_from, bytes);
    mask_from += bytes;
    for (; mask != 0; mask &= mask - 1, from += width) {
      add(from, width, shift, sums[begin + static_cast<std::size_t>(std::countr_zero(mask))]);
    }
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
