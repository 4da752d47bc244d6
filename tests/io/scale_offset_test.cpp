#include "io/scale_offset.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include "nnrec/base/random.hpp"

namespace nnrec::io {
namespace {

const CounterRandom kRandom(1, Purpose::synthetic, 9);

/// `size` numbers from `least` on whose differences to it need just `bits` bits.
template <typename T>
std::vector<T> numbers(std::size_t size, T least, unsigned bits) {
  std::vector<T> values;
  for (std::size_t at = 0; at < size; ++at) {
    const auto difference = bits == 0 ? 0 : kRandom.bits(at) >> (64 - bits);
    values.push_back(static_cast<T>(static_cast<std::uint64_t>(least) + difference));
  }
  if (bits == 0) return values;
  values[size / 2] =
      static_cast<T>(static_cast<std::uint64_t>(least) + (std::uint64_t{1} << (bits - 1)));
  values[size - 1] = least;
  return values;
}

/// Every width up to `most_bits`, over sizes that end within and at the ends of bytes and words.
template <typename T, typename Check>
void for_each_kind(unsigned most_bits, const Check& check) {
  using Limits = std::numeric_limits<T>;
  for (unsigned bits = 0; bits <= most_bits; ++bits) {
    for (const std::size_t size : {3, 4, 7, 8, 9, 31, 32, 33, 64, 1001}) {
      for (const T least : {Limits::min(), T{0}, T{77}, Limits::max()}) {
        const auto room =
            static_cast<std::uint64_t>(Limits::max()) - static_cast<std::uint64_t>(least);
        if (bits > 0 && room < (~std::uint64_t{0} >> (64 - bits))) continue;
        SCOPED_TRACE(fmt::format("{} values from {} on, {} bits", size, least, bits));
        check(numbers(size, least, bits));
      }
    }
  }
}

hid_t file_type(std::uint32_t) {
  return H5T_STD_U32LE;
}
hid_t file_type(std::uint64_t) {
  return H5T_STD_U64LE;
}
hid_t file_type(std::int64_t) {
  return H5T_STD_I64LE;
}

/// A data set of one chunk behind HDF5's own scale-offset filter, in memory.
class OneChunk {
 public:
  OneChunk(hid_t type, hsize_t rows) : type_(type) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(access, 1 << 16, false);
    file_ =
        H5Fcreate(fmt::format("{}.h5", fmt::ptr(this)).c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    const hid_t space = H5Screate_simple(1, &rows, nullptr);
    const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(layout, 1, &rows);
    H5Pset_fill_value(layout, type, nullptr);
    H5Pset_scaleoffset(layout, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
    data_set_ = H5Dcreate2(file_, "values", type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    H5Pclose(layout);
    H5Sclose(space);
  }
  OneChunk(const OneChunk&) = delete;
  OneChunk& operator=(const OneChunk&) = delete;
  ~OneChunk() {
    H5Dclose(data_set_);
    H5Fclose(file_);
  }

  void write(const void* values) {
    ASSERT_GE(H5Dwrite(data_set_, type_, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    ASSERT_GE(H5Dflush(data_set_), 0);
  }
  void write_packed(const std::vector<std::byte>& packed) {
    const hsize_t start = 0;
    ASSERT_GE(H5Dwrite_chunk(data_set_, H5P_DEFAULT, 0, &start, packed.size(), packed.data()), 0);
  }
  void read(void* values) {
    ASSERT_GE(H5Dread(data_set_, type_, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
  }
  std::vector<std::byte> packed() {
    const hsize_t start = 0;
    hsize_t size = 0;
    std::uint32_t left_out = 0;
    EXPECT_GE(H5Dget_chunk_storage_size(data_set_, &start, &size), 0);
    std::vector<std::byte> bytes(size);
    EXPECT_GE(H5Dread_chunk(data_set_, H5P_DEFAULT, &start, &left_out, bytes.data()), 0);
    return bytes;
  }

 private:
  hid_t type_;
  hid_t file_;
  hid_t data_set_;
};

template <typename T>
void expect_hdf5s_bytes(unsigned most_bits) {
  for_each_kind<T>(most_bits, [&](const std::vector<T>& values) {
    // Of equal values HDF5 leaves the last byte to chance.
    if (std::ranges::adjacent_find(values, std::not_equal_to{}) == values.end()) return;
    OneChunk chunk(file_type(T{}), values.size());
    chunk.write(values.data());
    ASSERT_EQ(pack_scaled(std::span(values), values.size()), chunk.packed());
  });
}

TEST(ScaleOffset, BytesAreThoseOfHdf5) {
  // Differences that need all bits have several forms; see the next test.
  expect_hdf5s_bytes<std::uint32_t>(31);
  expect_hdf5s_bytes<std::uint64_t>(63);
  expect_hdf5s_bytes<std::int64_t>(63);
}

template <typename T>
void expect_values_back() {
  for_each_kind<T>(8 * sizeof(T), [&](const std::vector<T>& values) {
    const auto packed = pack_scaled(std::span(values), values.size());
    std::vector<T> back(values.size());
    // HDF5 1.14.5 cannot read what needs all bits, not even its own; chunk_form() makes none.
    if (std::to_integer<unsigned>(packed[0]) < 8 * sizeof(T)) {
      OneChunk ours(file_type(T{}), values.size());
      ours.write_packed(packed);
      ours.read(back.data());
      ASSERT_EQ(back, values) << "read by HDF5";
    }
    OneChunk theirs(file_type(T{}), values.size());
    theirs.write(values.data());
    for (const auto& bytes : {packed, theirs.packed()}) {
      std::fill(back.begin(), back.end(), T{});
      ASSERT_TRUE(unpack_scaled(std::span(bytes), values.size(), 0, std::span(back)));
      ASSERT_EQ(back, values);
    }
  });
}

TEST(ScaleOffset, Hdf5AndNnrecReadWhatEitherPacked) {
  expect_values_back<std::uint32_t>();
  expect_values_back<std::uint64_t>();
  expect_values_back<std::int64_t>();
}

TEST(ScaleOffset, AnyRowsOfAShortChunkAreTaken) {
  for (const unsigned bits : {0, 1, 11, 32, 33, 50, 63, 64}) {
    const auto values = numbers<std::uint64_t>(37, 0, bits);
    const auto packed = pack_scaled(std::span(values), 50);
    for (std::size_t first = 0; first <= values.size(); ++first) {
      std::vector<std::uint64_t> rows(values.size() - first);
      ASSERT_TRUE(unpack_scaled(std::span(packed), 50, first, std::span(rows)));
      ASSERT_TRUE(
          std::equal(rows.begin(), rows.end(), values.begin() + static_cast<std::ptrdiff_t>(first)))
          << bits << " bits from row " << first;
    }
  }
}

TEST(ScaleOffset, BytesThatAreNoWholeChunkAreRefused) {
  const auto values = numbers<std::uint32_t>(100, 9, 11);
  const auto packed = pack_scaled(std::span(values), values.size());
  std::vector<std::uint32_t> back(101);
  const auto is_chunk_of = [&](const std::vector<std::byte>& bytes, std::size_t rows) {
    return unpack_scaled(std::span(bytes), rows, 0, std::span(back).first(rows));
  };
  EXPECT_TRUE(is_chunk_of(packed, 100));
  EXPECT_FALSE(is_chunk_of(packed, 101));
  EXPECT_FALSE(is_chunk_of(packed, 99));
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(
        is_chunk_of({packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)}, 100));
  }
  // The bits, each of their four bytes, and the size of the least value.
  for (const std::size_t at : {0, 1, 2, 3, 4}) {
    for (const int value : {0, 1, 10, 12, 32, 33, 64, 255}) {
      auto damaged = packed;
      if (damaged[at] == static_cast<std::byte>(value)) continue;
      damaged[at] = static_cast<std::byte>(value);
      EXPECT_FALSE(is_chunk_of(damaged, 100)) << value << " at " << at;
    }
  }
}

}  // namespace
}  // namespace nnrec::io
