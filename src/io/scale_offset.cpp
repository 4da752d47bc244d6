#include "scale_offset.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

namespace nnrec::io {
namespace {

constexpr std::size_t kHeadBytes = 21;
constexpr std::size_t kLeastAt = 5;
constexpr unsigned kWordBits = 32;

/// Bytes of a chunk, as HDF5 counts them: one more than the bits need where these fill whole bytes.
template <typename T>
std::uint64_t packed_size(std::uint64_t rows, unsigned bits) {
  return bits == 8 * sizeof(T) ? kHeadBytes + rows * sizeof(T) : kHeadBytes + rows * bits / 8 + 1;
}

std::uint32_t highest_first(std::uint32_t word) {
  return __builtin_bswap32(word);
}
std::uint64_t highest_first(std::uint64_t word) {
  return __builtin_bswap64(word);
}

/// Puts numbers of at most 32 bits one behind the other.
class BitWriter {
 public:
  explicit BitWriter(std::byte* to) : to_(to) {}

  void put(std::uint64_t number, unsigned bits) {
    held_ = held_ << bits | number;
    count_ += bits;
    if (count_ < kWordBits) return;
    count_ -= kWordBits;
    const auto word = highest_first(static_cast<std::uint32_t>(held_ >> count_));
    std::memcpy(to_, &word, sizeof word);
    to_ += sizeof word;
  }
  void finish() {
    const auto word = highest_first(static_cast<std::uint32_t>(held_ << (kWordBits - count_)));
    std::memcpy(to_, &word, (count_ + 7) / 8);
  }

 private:
  std::byte* to_;
  std::uint64_t held_ = 0;
  unsigned count_ = 0;  ///< bits of held_ that are not written
};

/// The number of at most 32 bits, one at least, that begins at bit `at`.
std::uint64_t take(std::span<const std::byte> from, std::uint64_t at, unsigned bits) {
  std::uint64_t word = 0;
  const auto left = from.subspan(at / 8);
  if (left.size() >= sizeof word) {
    std::memcpy(&word, left.data(), sizeof word);
  } else {
    std::memcpy(&word, left.data(), left.size());
  }
  return highest_first(word) << at % 8 >> (64 - bits);
}

template <typename T>
T load(std::span<const std::byte> from, std::size_t at) {
  T value{};
  std::memcpy(&value, from.data() + at, sizeof value);
  return value;
}

}  // namespace

template <typename T>
std::vector<std::byte> pack_scaled(std::span<const T> values, std::uint64_t chunk_rows) {
  T low = values.front();
  T high = low;
  for (const T value : values) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const auto least = static_cast<std::uint64_t>(low);
  const auto bits =
      static_cast<std::uint32_t>(std::bit_width(static_cast<std::uint64_t>(high) - least));
  std::vector<std::byte> packed(packed_size<T>(chunk_rows, bits));
  std::memcpy(packed.data(), &bits, sizeof bits);
  packed[kLeastAt - 1] = std::byte{sizeof least};
  std::memcpy(packed.data() + kLeastAt, &least, sizeof least);
  auto* const to = packed.data() + kHeadBytes;
  if (bits == 8 * sizeof(T)) {
    if (!values.empty()) std::memcpy(to, values.data(), values.size_bytes());
    return packed;
  }
  BitWriter writer(to);
  for (const T value : values) {
    const auto difference = static_cast<std::uint64_t>(value) - least;
    if (bits > kWordBits) writer.put(difference >> kWordBits, bits - kWordBits);
    writer.put(difference & 0xFFFFFFFF, std::min(bits, kWordBits));
  }
  writer.finish();
  return packed;
}

template <typename T>
bool unpack_scaled(std::span<const std::byte> packed, std::uint64_t chunk_rows, std::uint64_t first,
                   std::span<T> values) {
  if (packed.size() < kHeadBytes) return false;
  const auto bits = load<std::uint32_t>(packed, 0);
  const auto least = load<std::uint64_t>(packed, kLeastAt);
  if (bits > 8 * sizeof(T) || packed[kLeastAt - 1] != std::byte{sizeof least} ||
      packed.size() != packed_size<T>(chunk_rows, bits)) {
    return false;
  }
  const auto from = packed.subspan(kHeadBytes);
  if (bits == 8 * sizeof(T)) {
    if (values.empty()) return true;  // which have no address to copy to
    std::memcpy(values.data(), from.data() + first * sizeof(T), values.size_bytes());
    return true;
  }
  const auto low_bits = std::min(bits, kWordBits);
  std::uint64_t at = first * bits;
  for (T& value : values) {
    std::uint64_t difference = 0;
    if (bits > kWordBits) difference = take(from, at, bits - kWordBits) << kWordBits;
    if (bits > 0) difference |= take(from, at + bits - low_bits, low_bits);
    value = static_cast<T>(least + difference);
    at += bits;
  }
  return true;
}

#define NNREC_INSTANTIATE(T)                                                               \
  template std::vector<std::byte> pack_scaled<T>(std::span<const T>, std::uint64_t);       \
  template bool unpack_scaled<T>(std::span<const std::byte>, std::uint64_t, std::uint64_t, \
                                 std::span<T>);
NNREC_INSTANTIATE(std::uint32_t)
NNREC_INSTANTIATE(std::uint64_t)
NNREC_INSTANTIATE(std::int64_t)
#undef NNREC_INSTANTIATE

}  // namespace nnrec::io
