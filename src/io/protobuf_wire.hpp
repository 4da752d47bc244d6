#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Protocol buffers' wire format: a message is its fields' bytes behind each other.
namespace nnrec::io::wire {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}

/// `value` as so many bytes, the lowest first.
inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// int32, int64, enum.
inline std::string whole(std::uint64_t field, std::int64_t value) {
  return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
}

inline std::string real(std::uint64_t field, double value) {
  return varint(field << 3 | 1) + little_endian(std::bit_cast<std::uint64_t>(value), 8);
}

inline std::string real(std::uint64_t field, float value) {
  return varint(field << 3 | 5) + little_endian(std::bit_cast<std::uint32_t>(value), 4);
}

/// The head of a field of so many bytes.
inline std::string head_of(std::uint64_t field, std::uint64_t bytes) {
  return varint(field << 3 | 2) + varint(bytes);
}

/// string, bytes, a message.
inline std::string text(std::uint64_t field, std::string_view value) {
  return head_of(field, value.size()).append(value);
}

/// repeated double, packed.
inline std::string reals(std::uint64_t field, std::span<const double> values) {
  std::string bytes;
  for (const double value : values) bytes += little_endian(std::bit_cast<std::uint64_t>(value), 8);
  return text(field, bytes);
}

}  // namespace nnrec::io::wire
