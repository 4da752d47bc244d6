// A packed chunk of a column, whole and with bytes changed or cut off: chunks have no seal of their
// own when training reads them.
#include <algorithm>
#include <cstring>
#include <vector>

#include "nnrec/io/h5_chunk.hpp"

#include "edited_h5.hpp"

namespace nnrec {
namespace {

template <typename T>
void try_chunk(fuzz::Numbers& input, io::ChunkForm form) {
  const auto spare_rows = input.next<std::uint8_t>();
  const auto shift = input.next<std::uint8_t>() % (8 * sizeof(T));
  std::vector<T> values(1 + input.next<std::uint8_t>());
  for (auto& value : values) {
    const auto bits = input.next<std::uint64_t>() >> shift;
    std::memcpy(&value, &bits, sizeof value);
  }
  const auto rows = values.size() + spare_rows;
  auto packed = io::pack_chunk(std::span<const T>(values), rows, form);
  const std::size_t first = input.next<std::uint8_t>() % values.size();
  std::vector<T> read(values.size() - first);
  fuzz::require(io::unpack_chunk(packed, rows, first, std::span(read)) &&
                    std::memcmp(read.data(), &values[first], read.size() * sizeof(T)) == 0,
                "a chunk gives back its values");
  auto half = packed;
  half.bytes.resize(half.bytes.size() / 2);
  half.bytes.shrink_to_fit();  // so that reading behind the end is seen
  fuzz::require(!io::unpack_chunk(half, rows, first, std::span(read)), "half a chunk is none");
  while (!input.empty()) {
    const auto place = input.next<std::uint16_t>() % packed.bytes.size();
    packed.bytes[place] = static_cast<std::byte>(input.next<std::uint8_t>());
  }
  io::unpack_chunk(packed, rows, first, std::span(read));
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  using io::ChunkForm;
  fuzz::Numbers input(std::span(data, size));
  switch (input.next<std::uint8_t>() % 5) {
    case 0:
      try_chunk<std::uint32_t>(input, ChunkForm::scaled);
      break;
    case 1:
      try_chunk<std::uint64_t>(input, ChunkForm::scaled);
      break;
    case 2:
      try_chunk<std::int64_t>(input, ChunkForm::scaled);
      break;
    case 3:
      try_chunk<float>(input, ChunkForm::deflated);
      break;
    default:
      try_chunk<std::int64_t>(input, ChunkForm::deflated);
  }
  return 0;
}
