#include "nnrec/io/h5_chunk.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <zlib.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/random.hpp"
#include "nnrec/io/h5_file.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<std::byte> packed(const Bytes& bytes) {
  return pack_chunk(std::span<const std::uint8_t>(bytes), bytes.size()).bytes;
}

/// What zlib, with which HDF5 unpacks, makes of a packed chunk.
Bytes unpacked_by_zlib(const std::vector<std::byte>& packed, std::size_t size) {
  Bytes bytes(size);
  uLongf length = size;
  const auto* from = reinterpret_cast<const Bytef*>(packed.data());
  if (uncompress(bytes.data(), &length, from, packed.size()) != Z_OK) return {};
  bytes.resize(length);
  return bytes;
}

Bytes make(std::size_t size, const std::function<std::uint32_t(std::size_t)>& value) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::uint8_t>(value(at));
  return bytes;
}

const CounterRandom kRandom(1, Purpose::synthetic, 7);

/// Leaves `value` in the stack's and the heap's memory that a caller's next calls will be given.
void leave_in_memory(int value) {
  mallopt(M_PERTURB, value);
  std::array<volatile std::uint16_t, 300'000> stack;  // as small numbers too, not bytes alone
  for (auto& word : stack) word = static_cast<std::uint16_t>(value);
}

TEST(H5Chunk, WhatMemoryHeldBeforeDecidesNoByte) {
  for (const std::size_t size : {300, 70'000}) {
    const Bytes bytes = make(size, [](std::size_t at) { return kRandom.words(at / 5)[0] % 9; });
    leave_in_memory(0);
    const auto reference = packed(bytes);
    for (int value = 1; value < 256; value += value < 16 ? 1 : 16) {
      leave_in_memory(value);
      ASSERT_EQ(packed(bytes), reference) << size << " bytes over " << value;
    }
  }
  mallopt(M_PERTURB, 0);
}

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
      const auto chunk = packed(bytes);
      ASSERT_EQ(unpacked_by_zlib(chunk, size), bytes) << "size " << size << " kind " << kind;
      Bytes back(size);
      ASSERT_TRUE(unpack_chunk({ChunkForm::deflated, chunk}, size, 0, std::span(back)));
      ASSERT_EQ(back, bytes) << "size " << size << " kind " << kind;
    }
  }
}

TEST(H5Chunk, CompressesAboutAsFarAsTheEntropyAllows) {
  const std::size_t size = 65'536;
  const auto packed_size = [](const Bytes& bytes) { return packed(bytes).size(); };
  // One value: a few hundred matches. All values: eight bits each. Four values: two bits each, and
  // what matches cost that literals would do better.
  EXPECT_LT(packed_size(make(size, [](std::size_t) { return 0; })), 300);
  EXPECT_LT(packed_size(make(size, [](std::size_t at) { return kRandom.words(at)[0]; })),
            size + size / 100);
  EXPECT_LT(packed_size(make(size, [](std::size_t at) { return kRandom.words(at)[0] % 4; })),
            size / 4 + size / 12);
}

TEST(H5Chunk, ValuesAreShuffledAndShortChunksFilledUp) {
  const testing::TemporaryFolder folder;
  std::vector<std::int64_t> values;
  for (std::size_t at = 0; at < 1000; ++at) {
    values.push_back(static_cast<std::int64_t>(kRandom.bits(at)));
  }
  H5Writer writer(folder / "a.h5");
  writer.create_column<std::int64_t>("values", 1'024);
  writer.append_chunk(
      "values", values.size(),
      pack_chunk(std::span<const std::int64_t>(values), 1'024, ChunkForm::deflated));
  writer.close();
  EXPECT_EQ(H5Reader(folder / "a.h5").read<std::int64_t>("values"), values);
  testing::expect_error(ErrorKind::internal, ::testing::HasSubstr("do not make a chunk"),
                        [&] { pack_chunk(std::span<const std::int64_t>(values), 999); });
}

TEST(H5Chunk, AnyRowsOfAChunkAreTaken) {
  const std::vector<double> values{0.5, -1, 1e300, 3, 0x1p-1074};
  const auto chunk = pack_chunk(std::span(values), 7);
  for (std::size_t first = 0; first <= 7; ++first) {
    std::vector<double> rows(7 - first, -7);
    ASSERT_TRUE(unpack_chunk(chunk, 7, first, std::span(rows)));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      EXPECT_EQ(rows[row], first + row < values.size() ? values[first + row] : 0);
    }
  }
  std::vector<double> more(4);
  testing::expect_error(ErrorKind::internal, ::testing::HasSubstr("rows 4 to 8 of a chunk of 7"),
                        [&] { unpack_chunk(chunk, 7, 4, std::span(more)); });
}

TEST(H5Chunk, BytesThatAreNoWholeChunkAreRefused) {
  const auto bytes = make(5000, [](std::size_t at) { return kRandom.words(at)[0] % 7; });
  const auto chunk = packed(bytes);
  Bytes back(bytes.size() + 1);
  const auto is_chunk_of = [&](std::span<const std::byte> found, std::size_t rows) {
    return unpack_chunk({ChunkForm::deflated, {found.begin(), found.end()}}, rows, 0,
                        std::span(back).first(rows));
  };
  EXPECT_TRUE(is_chunk_of(chunk, bytes.size()));
  EXPECT_FALSE(is_chunk_of(chunk, bytes.size() + 1));
  EXPECT_FALSE(is_chunk_of(chunk, bytes.size() - 1));
  EXPECT_FALSE(is_chunk_of({}, bytes.size()));
  for (std::size_t size = 0; size < chunk.size(); size += 7) {
    EXPECT_FALSE(is_chunk_of(std::span(chunk).first(size), bytes.size())) << size;
  }
  // Head and checksum. Between them some damage passes, as Adler-32 is weak on few different bytes.
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{1}, chunk.size() - 4, chunk.size() - 1}) {
    auto damaged = chunk;
    damaged[at] ^= std::byte{4};
    EXPECT_FALSE(is_chunk_of(damaged, bytes.size())) << at;
  }
}

TEST(H5Chunk, WholeNumbersAreScaledUnlessHalfOfThemRepeatTheOneBefore) {
  using Numbers = std::vector<std::uint32_t>;
  const auto form = [](const Numbers& values) { return chunk_form(std::span(values)); };
  EXPECT_EQ(form({4, 5, 4, 5}), ChunkForm::scaled);
  EXPECT_EQ(form({4, 4, 5, 6, 7}), ChunkForm::scaled);
  EXPECT_EQ(form({4, 4, 5, 5}), ChunkForm::deflated);
  EXPECT_EQ(form({4, 4, 4, 4}), ChunkForm::deflated);
  EXPECT_EQ(form({0, 0x7FFFFFFF, 5}), ChunkForm::scaled);
  EXPECT_EQ(form({0, 0x80000000, 5}), ChunkForm::deflated) << "HDF5 1.14.5 cannot read all bits";
  const std::vector<std::int64_t> times{5, 7};
  EXPECT_EQ(chunk_form(std::span(times)), ChunkForm::scaled);
  const std::vector<float> ratings{5, 7};
  EXPECT_EQ(chunk_form(std::span(ratings)), ChunkForm::deflated);
  const Bytes bytes{5, 7};
  EXPECT_EQ(chunk_form(std::span(bytes)), ChunkForm::deflated);
  testing::expect_error(ErrorKind::internal, ::testing::HasSubstr("only whole numbers"),
                        [&] { pack_chunk(std::span(ratings), 2, ChunkForm::scaled); });
}

TEST(H5Chunk, TheFormOfAnotherTypeIsRefused) {
  const std::vector<std::uint32_t> values{1, 2, 3};
  const auto scaled = pack_chunk(std::span(values), 3);
  std::vector<float> floats(3);
  EXPECT_FALSE(unpack_chunk(scaled, 3, 0, std::span(floats)));
}

}  // namespace
}  // namespace nnrec::io
