#include "nnrec/io/h5_chunk.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/io/h5_file.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The bytes as HDF5, which unpacks with zlib, reads them from a chunk.
Bytes through_hdf5(const Bytes& bytes) {
  const testing::TemporaryFolder folder;
  H5Writer writer(folder / "a.h5");
  writer.create_column<std::uint8_t>("bytes", bytes.size());
  writer.append_chunk("bytes", bytes.size(),
                      deflate_chunk(std::span<const std::uint8_t>(bytes), bytes.size()));
  writer.close();
  return H5Reader(folder / "a.h5").read<std::uint8_t>("bytes");
}

Bytes make(std::size_t size, const std::function<std::uint32_t(std::size_t)>& value) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::uint8_t>(value(at));
  return bytes;
}

const CounterRandom kRandom(1, Purpose::synthetic, 7);

TEST(H5Chunk, BytesOfEveryKindComeBack) {
  const std::vector<std::function<std::uint32_t(std::size_t)>> kinds{
      [](std::size_t at) { return kRandom.words(at)[0]; },          // all values
      [](std::size_t at) { return kRandom.words(at)[0] % 2; },      // two values, short runs
      [](std::size_t at) { return kRandom.words(at / 300)[0]; },    // runs about the longest match
      [](std::size_t at) { return kRandom.words(at / 5)[0] % 2; },  // runs about the shortest
      [](std::size_t) { return 7; },                                // one value
      [](std::size_t at) { return at; },                            // no two alike
      [](std::size_t at) { return at < 70'000 ? 0 : kRandom.words(at)[0]; },
  };
  for (const std::size_t size :
       {1,   2,   3,   4,   5,   8,      9,      257,    258,     259,
        260, 261, 262, 263, 517, 65'535, 65'536, 65'537, 131'072, 200'001}) {
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      const auto bytes = make(size, kinds[kind]);
      ASSERT_EQ(through_hdf5(bytes), bytes) << "size " << size << " kind " << kind;
    }
  }
}

TEST(H5Chunk, RunsOfEveryLengthComeBack) {
  Bytes bytes;
  for (std::size_t length = 1; length < 800; ++length) {
    bytes.insert(bytes.end(), length, static_cast<std::uint8_t>(length));
  }
  EXPECT_EQ(through_hdf5(bytes), bytes);
}

/// Values as often as Fibonacci's numbers would take codes of 21 bits; deflate has 15.
TEST(H5Chunk, VeryUnequalFrequenciesComeBack) {
  Bytes bytes;
  for (std::uint32_t value = 0, count = 1, next = 1; value < 22; ++value) {
    bytes.insert(bytes.end(), count, static_cast<std::uint8_t>(value));
    next += count;
    count = next - count;
  }
  ASSERT_LT(bytes.size(), 65'536);
  for (std::size_t at = bytes.size() - 1; at > 0; --at) {
    std::swap(bytes[at], bytes[kRandom.bits(at) % (at + 1)]);
  }
  EXPECT_EQ(through_hdf5(bytes), bytes);
}

TEST(H5Chunk, CompressesAboutAsFarAsTheEntropyAllows) {
  const std::size_t size = 65'536;
  const auto packed_size = [](const Bytes& bytes) {
    return deflate_chunk(std::span<const std::uint8_t>(bytes), bytes.size()).size();
  };
  // One value: a few hundred matches. All values: eight bits each. Four values: two bits each, and
  // what runs that literals would do better cost.
  EXPECT_LT(packed_size(make(size, [](std::size_t) { return 0; })), 300);
  EXPECT_LT(packed_size(make(size, [](std::size_t at) { return kRandom.words(at)[0]; })),
            size + size / 100);
  EXPECT_LT(packed_size(make(size, [](std::size_t at) { return kRandom.words(at)[0] % 4; })),
            size / 4 + size / 16);
}

TEST(H5Chunk, ValuesAreShuffledAndShortChunksFilledUp) {
  const testing::TemporaryFolder folder;
  std::vector<std::int64_t> values;
  for (std::size_t at = 0; at < 1000; ++at) {
    values.push_back(static_cast<std::int64_t>(kRandom.bits(at)));
  }
  H5Writer writer(folder / "a.h5");
  writer.create_column<std::int64_t>("values", 1'024);
  writer.append_chunk("values", values.size(),
                      deflate_chunk(std::span<const std::int64_t>(values), 1'024));
  writer.close();
  EXPECT_EQ(H5Reader(folder / "a.h5").read<std::int64_t>("values"), values);
  testing::expect_error(ErrorKind::internal, ::testing::HasSubstr("do not make a chunk"),
                        [&] { deflate_chunk(std::span<const std::int64_t>(values), 999); });
}

}  // namespace
}  // namespace nnrec::io
