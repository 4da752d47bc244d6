#include "nnrec/io/h5_file.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include <hdf5.h>
#include <sys/resource.h>

#include "nnrec/io/h5_chunk.hpp"
#include "nnrec/io/sealed_file.hpp"
#include "nnrec/math/thread_team.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::io {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

template <typename T>
std::span<const T> view(const std::vector<T>& values) {
  return values;
}

void write_sample(const std::filesystem::path& path) {
  H5Writer file(path);
  file.attribute("text", std::string("caf\xC3\xA9"));
  file.attribute("nothing", std::string());
  file.attribute("integer", std::int64_t{-5});
  file.attribute("real", 0.1);
  file.write("group/deep/matrix", view(std::vector<float>{1, 2, 3, 4, 5, 6}), 3);
  file.write("empty", view(std::vector<std::uint64_t>{}));
  file.write_texts("names", std::vector<std::string>{"a", "", std::string(300'000, 'x'), "d"});
  file.write_texts("no_names", {});
  file.create_column<std::int64_t>("column", 4);
  const std::vector<std::int64_t> values{0, 1, 2, 3, 4, 5, 6, 7, 8};
  for (std::size_t start = 0; start < 9; start += 4) {
    const auto rows = view(values).subspan(start, std::min<std::size_t>(4, 9 - start));
    file.append_chunk("column", rows.size(), pack_chunk(rows, 4));
  }
  file.close();
}

TEST(H5File, WhatWasWrittenIsReadBehindASeal) {
  const testing::TemporaryFolder folder;
  write_sample(folder / "a.h5");
  append_seal(folder / "a.h5");
  const H5Reader file(folder / "a.h5");
  EXPECT_EQ(file.string_attribute("text"), "caf\xC3\xA9");
  EXPECT_EQ(file.string_attribute("nothing"), "");
  EXPECT_EQ(file.integer_attribute("integer"), -5);
  EXPECT_EQ(file.real_attribute("real"), 0.1);
  EXPECT_FALSE(file.has_attribute("other"));
  EXPECT_THAT(file.shape("group/deep/matrix"), ElementsAre(2, 3));
  EXPECT_THAT(file.read<float>("group/deep/matrix"), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_TRUE(file.read<std::uint64_t>("empty").empty());
  EXPECT_TRUE(file.read_texts("no_names").empty());
  EXPECT_THAT(file.read_texts("names"), ElementsAre("a", "", std::string(300'000, 'x'), "d"));
  EXPECT_THAT(file.read<std::int64_t>("column"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_TRUE(file.has("group/deep"));
  EXPECT_FALSE(file.has("group/shallow/matrix"));
}

TEST(H5File, EqualContentGivesEqualBytesAtAnyTime) {
  const testing::TemporaryFolder folder;
  write_sample(folder / "a.h5");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5's times are whole seconds.
  write_sample(folder / "b.h5");
  EXPECT_EQ(testing::read_file(folder / "a.h5"), testing::read_file(folder / "b.h5"));
}

TEST(H5File, OtherTypesShapesAndNamesAreRefusedByName) {
  const testing::TemporaryFolder folder;
  write_sample(folder / "a.h5");
  const H5Reader file(folder / "a.h5");
  const auto names = [](const char* name) { return AllOf(HasSubstr("a.h5"), HasSubstr(name)); };
  expect_error(ErrorKind::input, names("column"), [&] { file.read<std::uint64_t>("column"); });
  expect_error(ErrorKind::input, names("column_offsets"), [&] { file.read_texts("column"); });
  expect_error(ErrorKind::input, names("missing"), [&] { file.read<float>("missing"); });
  expect_error(ErrorKind::input, names("real"), [&] { file.integer_attribute("real"); });
  expect_error(ErrorKind::input, names("missing"), [&] { file.real_attribute("missing"); });
  std::vector<std::int64_t> few(3);
  expect_error(ErrorKind::input, names("9 elements"),
               [&] { file.read_into("column", std::span(few)); });
}

TEST(H5File, SlicesAreReadFromAnyPlaceOfADataSetOfTheLengthExpected) {
  const testing::TemporaryFolder folder;
  write_sample(folder / "a.h5");
  const H5Reader file(folder / "a.h5");
  for (std::uint64_t first = 0; first <= 9; ++first) {
    for (std::uint64_t count = 0; count <= 9 - first; ++count) {
      std::vector<std::int64_t> slice(count, -1);
      file.read_slice("column", first, 9, std::span(slice));
      for (std::uint64_t i = 0; i < count; ++i) {
        ASSERT_EQ(slice[i], static_cast<std::int64_t>(first + i));
      }
    }
  }
  std::vector<std::int64_t> three(3);
  std::vector<float> floats(3);
  expect_error(ErrorKind::input, HasSubstr("9 elements where 10"),
               [&] { file.read_slice("column", 0, 10, std::span(three)); });
  expect_error(ErrorKind::input, HasSubstr("another element type"),
               [&] { file.read_slice("column", 0, 9, std::span(floats)); });
  expect_error(ErrorKind::internal, HasSubstr("column"),
               [&] { file.read_slice("column", 7, 9, std::span(three)); });
}

TEST(H5File, SlicesAreReadByManyThreadsAtOnceWhateverTheLayout) {
  const testing::TemporaryFolder folder;
  constexpr std::size_t kRows = 5'000'000;  // a chunk of 20 MB is left to HDF5
  std::vector<std::uint32_t> values(kRows);
  for (std::size_t row = 0; row < kRows; ++row) values[row] = static_cast<std::uint32_t>(row / 3);
  {
    H5Writer file(folder / "a.h5");
    file.write("plain", view(values));
    for (const std::size_t chunk : {std::size_t{100'000}, kRows}) {
      const auto name = fmt::format("chunks_of_{}", chunk);
      file.create_column<std::uint32_t>(name, chunk);
      for (std::size_t first = 0; first < kRows; first += chunk) {
        file.append_chunk(name, chunk, pack_chunk(view(values).subspan(first, chunk), chunk));
      }
    }
    file.close();
  }
  const H5Reader file(folder / "a.h5");
  for (const char* name : {"plain", "chunks_of_100000", "chunks_of_5000000"}) {
    std::vector<std::uint32_t> read(kRows);
    constexpr std::size_t kSlice = 333'334;
    math::ThreadTeam(4).for_each(kRows / kSlice + 1, [&](std::size_t slice, std::size_t) {
      const auto first = slice * kSlice;
      file.read_slice(name, first, kRows,
                      std::span(read).subspan(first, std::min(kSlice, kRows - first)));
    });
    EXPECT_EQ(read, values) << name;
  }
}

/// Numbers whose chunks of 100 rows are scaled, deflated (one run) and scaled.
std::vector<std::uint32_t> numbers_of_three_chunks() {
  std::vector<std::uint32_t> values;
  for (std::uint32_t row = 0; row < 250; ++row) values.push_back(row / 100 == 1 ? 7 : row * row);
  return values;
}

/// As HDF5 unpacks it by itself.
std::vector<std::uint32_t> read_by_hdf5(const std::filesystem::path& path, const char* name) {
  std::vector<std::uint32_t> values(250);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t column = H5Dopen2(file, name, H5P_DEFAULT);
  EXPECT_GE(H5Dread(column, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5Dclose(column);
  H5Fclose(file);
  return values;
}

TEST(H5File, Hdf5ReadsAColumnWhoseChunksHaveEachTheirForm) {
  const testing::TemporaryFolder folder;
  const auto values = numbers_of_three_chunks();
  H5Writer file(folder / "a.h5");
  file.create_column<std::uint32_t>("column", 100);
  std::vector<ChunkForm> forms;
  for (std::size_t first = 0; first < values.size(); first += 100) {
    const auto rows = view(values).subspan(first, std::min<std::size_t>(100, 250 - first));
    const auto packed = pack_chunk(rows, 100);
    forms.push_back(packed.form);
    file.append_chunk("column", rows.size(), packed);
  }
  file.close();
  EXPECT_THAT(forms, ElementsAre(ChunkForm::scaled, ChunkForm::deflated, ChunkForm::scaled));
  EXPECT_EQ(read_by_hdf5(folder / "a.h5", "column"), values);
  EXPECT_EQ(H5Reader(folder / "a.h5").read<std::uint32_t>("column"), values);
}

/// A column in chunks of 100 rows that HDF5 packs by itself, by the filters that are set.
void write_by_hdf5(const std::filesystem::path& path, const std::vector<std::uint32_t>& values,
                   const std::function<void(hid_t)>& set_filters) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t rows = values.size();
  const hsize_t chunk = 100;
  const hid_t space = H5Screate_simple(1, &rows, nullptr);
  const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(layout, 1, &chunk);
  set_filters(layout);
  const hid_t column =
      H5Dcreate2(file, "column", H5T_STD_U32LE, space, H5P_DEFAULT, layout, H5P_DEFAULT);
  EXPECT_GE(H5Dwrite(column, H5T_NATIVE_UINT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
  H5Dclose(column);
  H5Pclose(layout);
  H5Sclose(space);
  H5Fclose(file);
}

TEST(H5File, ColumnsThatHdf5PackedByAnyOfItsFiltersAreRead) {
  const testing::TemporaryFolder folder;
  const auto values = numbers_of_three_chunks();
  for (int filters = 0; filters < 16; ++filters) {
    SCOPED_TRACE(filters);
    write_by_hdf5(folder / "a.h5", values, [&](hid_t layout) {
      if (filters & 1) H5Pset_fill_value(layout, H5T_STD_U32LE, nullptr);
      if (filters & 2) H5Pset_scaleoffset(layout, H5Z_SO_INT, H5Z_SO_INT_MINBITS_DEFAULT);
      if (filters & 4) H5Pset_shuffle(layout);
      if (filters & 8) H5Pset_deflate(layout, 1);
    });
    EXPECT_EQ(H5Reader(folder / "a.h5").read<std::uint32_t>("column"), values);
  }
}

TEST(H5File, ADamagedChunkIsRefusedByName) {
  const testing::TemporaryFolder folder;
  const std::vector<std::uint32_t> values(3000, 7);
  const auto packed = pack_chunk(view(values), values.size());
  {
    H5Writer file(folder / "a.h5");
    file.create_column<std::uint32_t>("column", values.size());
    file.append_chunk("column", values.size(), packed);
    file.close();
  }
  const auto bytes = testing::read_file(folder / "a.h5");
  const std::string chunk(reinterpret_cast<const char*>(packed.bytes.data()), packed.bytes.size());
  testing::flip_byte(folder / "a.h5", bytes.find(chunk) + chunk.size() / 2);
  expect_error(ErrorKind::input, AllOf(HasSubstr("a.h5: column"), HasSubstr("damaged")),
               [&] { H5Reader(folder / "a.h5").read<std::uint32_t>("column"); });
}

TEST(H5File, ForeignAndMissingFilesAreRefusedWithHdf5sReason) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "text.h5", "not HDF5");
  expect_error(ErrorKind::input, AllOf(HasSubstr("text.h5"), HasSubstr("signature")),
               [&] { H5Reader file(folder / "text.h5"); });
  expect_error(ErrorKind::input, AllOf(HasSubstr("none.h5"), HasSubstr("No such file")),
               [&] { H5Reader file(folder / "none.h5"); });
  expect_error(ErrorKind::io, HasSubstr("nowhere/a.h5"),
               [&] { H5Writer file(folder / "nowhere/a.h5"); });
}

TEST(H5File, MoreElementsThanTheFileCanHoldAreRefusedBeforeMemoryIsAskedFor) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  constexpr std::uint64_t kRows = 0x12345;
  {
    H5Writer file(path);
    file.create_column<float>("values", 1 << 16);
    const std::vector<float> values(kRows);
    for (std::uint64_t row = 0; row < kRows; row += 1 << 16) {
      const auto chunk =
          std::span(values).subspan(row, std::min<std::uint64_t>(1 << 16, kRows - row));
      file.append_chunk("values", chunk.size(), pack_chunk(chunk, 1 << 16));
    }
    file.close();
  }
  auto bytes = testing::read_file(path);
  const std::string count("\x45\x23\x01\0\0\0\0\0", 8);
  const auto at = bytes.find(count);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 5] = '\x01';  // 2^40 more
  testing::write_file(path, bytes);
  const H5Reader file(path);
  ASSERT_EQ(file.shape("values").front(), kRows + (std::uint64_t{1} << 40));
  expect_error(ErrorKind::input, AllOf(HasSubstr("a.h5: values"), HasSubstr("can hold")),
               [&] { file.read<float>("values"); });
}

TEST(H5File, TextsThatDifferMuchInLengthTakeTheirOwnLengthOnly) {
  const testing::TemporaryFolder folder;
  constexpr std::size_t kTexts = 100'000;
  std::vector<std::string> texts(kTexts, std::string("a\0b", 3));
  texts[7] = std::string(60'000, 'x');  // in cells of one length: 6 GB
  {
    H5Writer file(folder / "a.h5");
    file.write_texts("texts", texts);
    file.close();
  }
  EXPECT_LT(std::filesystem::file_size(folder / "a.h5"), 100'000U);
  EXPECT_EQ(H5Reader(folder / "a.h5").read_texts("texts"), texts);
}

TEST(H5File, OffsetsOfTextsThatDoNotRiseToTheirEndAreRefused) {
  const testing::TemporaryFolder folder;
  const std::vector<std::vector<std::uint64_t>> wrong{
      {}, {0}, {0, 2}, {0, 4}, {1, 3}, {0, 2, 1, 3}, {0, ~std::uint64_t{0}, 3}};
  for (const auto& offsets : wrong) {
    H5Writer file(folder / "a.h5");
    file.write("texts_offsets", view(offsets));
    file.write("texts_bytes", view(std::vector<std::uint8_t>{'a', 'b', 'c'}));
    file.close();
    expect_error(ErrorKind::input, AllOf(HasSubstr("a.h5: texts_offsets"), HasSubstr("3 bytes")),
                 [&] { H5Reader(folder / "a.h5").read_texts("texts"); });
  }
}

/// Adds a text attribute of the kind to the root, as other writers do.
void add_text_attribute(const std::filesystem::path& path, const char* name, hid_t type,
                        const void* text) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(H5Awrite(attribute, type, text), 0);
  H5Aclose(attribute);
  H5Sclose(space);
  ASSERT_GE(H5Fclose(file), 0);
}

TEST(H5File, TextAttributesOfEveryKindAreRead) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  H5Writer(path).close();
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, 8);
  H5Tset_strpad(type, H5T_STR_SPACEPAD);
  add_text_attribute(path, "spaces", type, "train   ");
  add_text_attribute(path, "full", type, " of 8 ch");
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  add_text_attribute(path, "zeros", type, "train\0\0\0");
  add_text_attribute(path, "no_zero", type, "12345678");
  H5Tset_size(type, H5T_VARIABLE);
  const char* text = "of any length";
  add_text_attribute(path, "variable", type, &text);
  const char* nothing = "";
  add_text_attribute(path, "empty", type, &nothing);
  H5Tclose(type);
  const H5Reader file(path);
  EXPECT_EQ(file.string_attribute("spaces"), "train");
  EXPECT_EQ(file.string_attribute("full"), " of 8 ch");
  EXPECT_EQ(file.string_attribute("zeros"), "train");
  EXPECT_EQ(file.string_attribute("no_zero"), "12345678");
  EXPECT_EQ(file.string_attribute("variable"), "of any length");
  EXPECT_EQ(file.string_attribute("empty"), "");
}

TEST(H5File, ATextAttributeMayHaveAnyLength) {
  const testing::TemporaryFolder folder;
  const std::vector<std::size_t> lengths{0, 59'999, 60'000, 60'001, 65'536, 3'000'000};
  H5Writer writer(folder / "a.h5");
  for (const std::size_t length : lengths)
    writer.attribute(std::to_string(length), std::string(length, 'x'));
  writer.close();
  const H5Reader file(folder / "a.h5");
  for (const std::size_t length : lengths) {
    EXPECT_TRUE(file.has_attribute(std::to_string(length))) << length;
    EXPECT_EQ(file.string_attribute(std::to_string(length)), std::string(length, 'x')) << length;
  }
  EXPECT_FALSE(file.has_attribute("other"));
}

TEST(H5File, AZeroByteInATextAttributeIsRefused) {
  const testing::TemporaryFolder folder;
  H5Writer file(folder / "a.h5");
  for (const std::size_t length : {3, 70'000}) {
    std::string text(length, 'a');
    text[1] = '\0';
    expect_error(ErrorKind::io, HasSubstr("zero byte"), [&] { file.attribute("name", text); });
  }
  file.write("long_texts/forged",
             std::span<const std::uint8_t>(std::array<std::uint8_t, 2>{65, 0}));
  file.close();
  expect_error(ErrorKind::input, HasSubstr("attribute forged: contains a zero byte"),
               [&] { H5Reader(folder / "a.h5").string_attribute("forged"); });
}

/// Exits with 7 when writing more than the process may write ends in one clear IoError.
[[noreturn]] void write_beyond_limit(const std::filesystem::path& path) {
  const rlimit limit{1 << 16, 1 << 16};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
  try {
    H5Writer file(path);
    std::vector<float> noise(1 << 16);
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<float>(i * i % 65'537);
    file.create_column<float>("column", 1 << 16);
    const auto packed = pack_chunk(view(noise), noise.size());
    for (int chunk = 0; chunk < 8; ++chunk) file.append_chunk("column", noise.size(), packed);
    file.close();
  } catch (const IoError& error) {
    std::fputs(error.what(), stderr);
    std::exit(7);
  }
  std::exit(0);
}

TEST(H5FileDeathTest, ARefusedWriteIsOneErrorAndNoCrashAtExit) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // A process in which HDF5 is not yet in use.
  const testing::TemporaryFolder folder;
  EXPECT_EXIT(write_beyond_limit(folder / "a.h5"), ::testing::ExitedWithCode(7),
              "a.h5: .*File too large");
}

}  // namespace
}  // namespace nnrec::io
