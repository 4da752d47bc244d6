#include <cmath>
#include <limits>

#include "nnrec/io/h5_tables.hpp"

#include "support/archives.hpp"
#include "support/cases.hpp"
#include "support/foreign_h5.hpp"

namespace nnrec::importing {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using H5File = testing::ForeignH5;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

using Type = H5File::Type;

class Hdf5 : public testing::Cases {
 protected:
  const std::filesystem::path path_ = folder_ / "ratings.h5";
};

TEST_F(Hdf5, ColumnsAreBoundByTheirNamesWhateverTheirTypes) {
  {
    H5File file(path_);
    file.add("timestamp", {978300760, 978302109, 978301968}, {}, Type::i32_big_endian);
    file.add("userId", {1, 1, 70000}, {}, Type::u32);
    file.add("movieId", {1193, 661, 914}, {}, Type::i16);
    file.add("rating", {5, 3.6, 3.5}, {}, Type::f32);
    file.add("other", {1, 2});
  }
  EXPECT_THAT(rows(prep_path(path_)),
              ElementsAre("1 1193 5 978300760", "1 661 3.6 978302109", "70000 914 3.5 978301968"));
  EXPECT_THAT(text_, AllOf(HasSubstr("it is HDF5 with data sets of ratings"),
                           HasSubstr("user = column 4 \"userId\", by its name"),
                           HasSubstr("data sets of equal length")));
}

TEST_F(Hdf5, TextsAreIdsAsTheyAre) {
  {
    H5File file(path_);
    file.add_texts("ratings/user", {"ann, b", "a \"b\"", "c"});
    file.add_cells("ratings/item", std::string("B001\0\0B2\0\0\0\0B33333", 18), 6);
    file.add("ratings/rating", {1, 2, 3}, {}, Type::i8);
  }
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("ann, b B001 1", "a \"b\" B2 2", "c B33333 3"));
}

TEST_F(Hdf5, RecordsAreColumns) {
  { H5File(path_).add_records("table", {{7, 1LL << 40, 4.5F}, {8, 2, 1}}); }
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("7 1099511627776 4.5", "8 2 1"));
}

TEST_F(Hdf5, ATableOfThreeOrFourColumnsIsReadEitherWayItLies) {
  { H5File(path_).add("ratings", {1, 10, 4, 2, 10, 3, 2, 20, 5, 3, 10, 1, 4, 9, 2}, {5, 3}); }
  const auto expected = ElementsAre("1 10 4", "2 10 3", "2 20 5", "3 10 1", "4 9 2");
  EXPECT_THAT(rows(prep_path(path_)), expected);
  EXPECT_THAT(text_, HasSubstr("ratings (5 x 3) has 3 columns"));
  {
    H5File file(path_, H5File::Kind::matlab);
    file.add("ratings", {1, 2, 2, 3, 4, 10, 10, 20, 10, 9, 4, 3, 5, 1, 2}, {3, 5});
  }
  EXPECT_THAT(rows(prep_path(path_)), expected);
  EXPECT_THAT(text_, HasSubstr("ratings (5 x 3) has 3 columns"));
}

TEST_F(Hdf5, MatlabsVectorsLieEitherWay) {
  {
    H5File file(path_, H5File::Kind::matlab);
    file.add("uid", {1, 2}, {1, 2});
    file.add("iid", {3, 4}, {2, 1});
    file.add("rating", {5, 1}, {1, 2});
  }
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("1 3 5", "2 4 1"));
}

TEST_F(Hdf5, AMatrixHasAUserARowAndWhatIsNoNumberIsNoRating) {
  const std::vector<double> values{5, kNone, 3, kNone, kNone, 1, kNone, 2, kNone, 4};
  { H5File(path_).add("R", values, {2, 5}); }
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("1 1 5", "1 3 3", "2 1 1", "2 3 2", "2 5 4"));
  EXPECT_THAT(text_, HasSubstr("R (2 x 5) is a matrix, a row a user, a column an item"));
  { H5File(path_, H5File::Kind::matlab).add("R", values, {2, 5}); }  // to MATLAB 5 users of 2 items
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("1 1 5", "3 1 3", "1 2 1", "3 2 2", "5 2 4"));
  EXPECT_THAT(text_, HasSubstr("R (5 x 2) is a matrix"));
}

TEST_F(Hdf5, AFullMatrixNeedsToldWhatIsNoRating) {
  { H5File(path_).add("R", {5, 0, 3, 0, 0, 1, 0, 2, 0, 4}, {2, 5}, Type::i8); }
  expect_path_refused(path_, {"--test-fraction", "0"},
                      HasSubstr("every cell of the matrix R (2 x 5) has a value. Say which"));
  EXPECT_THAT(rows(prep_path(path_, {"--test-fraction", "0", "--missing", "0"})),
              ElementsAre("1 1 5", "1 3 3", "2 1 1", "2 3 2", "2 5 4"));
  EXPECT_THAT(rows(prep_path(path_, {"--test-fraction", "0", "--missing", "none"})),
              ::testing::SizeIs(10));
}

TEST_F(Hdf5, MatlabsSparseMatrixHasItsEntriesOnly) {
  // 3 users x 4 items; the second item has no rating.
  const auto write = [&](const std::vector<double>& ends) {
    H5File file(path_, H5File::Kind::matlab);
    file.add("R/ir", {0, 2, 1, 0}, {}, Type::u64);
    file.add("R/jc", ends, {}, Type::u64);
    file.add("R/data", {5, 3, 4.5, 1});
    file.attribute("R", "MATLAB_sparse", 3);
  };
  write({0, 2, 2, 3, 4});
  EXPECT_THAT(rows(prep_path(path_)), ElementsAre("1 1 5", "3 1 3", "2 3 4.5", "1 4 1"));
  EXPECT_THAT(text_, HasSubstr("R is a sparse matrix, a row a user, a column an item (3 x 4)"));
  write({0, 2, 2, 3, 3});
  expect_path_refused(path_, {}, HasSubstr("entry 3 of 4 entries is in no row or column"));
}

TEST_F(Hdf5, OfSeveralMatricesOneIsToBeNamed) {
  {
    H5File file(path_, H5File::Kind::matlab);
    file.add("M", {5, kNone, 3, kNone, kNone, 1, kNone, 2, kNone, 4}, {2, 5});
    file.add("Otest", {1, 0, 0, 0, 0, 1, 0, 0, 0, 0}, {2, 5});
    file.add("W_users", std::vector<double>(25, 1), {5, 5});
  }
  expect_path_refused(
      path_, {},
      AllOf(HasSubstr("several data sets may be the ratings"), HasSubstr("W_users (5 x 5)"),
            HasSubstr("Name it: --columns rating=NAME")));
  EXPECT_THAT(rows(prep_path(path_, {"--columns", "rating=M", "--test-fraction", "0"})),
              ::testing::SizeIs(5));
  expect_path_refused(path_, {"--columns", "rating=Q"}, HasSubstr("has no matrix Q. It has: M"));
}

TEST_F(Hdf5, NamesThatSayNothingAreToldByColumns) {
  {
    H5File file(path_);
    file.add("a", {1, 2});
    file.add("b", {3, 4});
    file.add("c", {5, 1});
  }
  expect_path_refused(path_, {},
                      AllOf(HasSubstr("It has: a (2), b (2), c (2)"),
                            HasSubstr("--columns user=NAME,item=NAME,rating=NAME")));
  EXPECT_THAT(
      rows(prep_path(path_, {"--columns", "user=b,item=a,rating=c", "--test-fraction", "0"})),
      ElementsAre("3 1 5", "4 2 1"));
}

TEST_F(Hdf5, ColumnsOfOtherLengthsAndTwoSetsOfThemAreRefused) {
  {
    H5File file(path_);
    file.add("train/user", {1, 2});
    file.add("train/item", {3, 4});
    file.add("train/rating", {5, 1});
    file.add("test/user", {1});
    file.add("test/item", {4});
    file.add("test/rating", {2});
  }
  expect_path_refused(path_, {}, HasSubstr("several sets of columns of ratings"));
  {
    H5File file(path_);
    file.add("user", {1, 2, 3});
    file.add("item", {3, 4});
    file.add("rating", {5, 1});
  }
  expect_path_refused(path_, {}, HasSubstr("no data sets of equal length are named"));
}

TEST_F(Hdf5, ManyPackedRowsAreReadOverBlocks) {
  constexpr std::size_t kRows = 300'000;
  std::vector<double> users(kRows);
  std::vector<double> items(kRows);
  std::vector<double> ratings(kRows);
  for (std::size_t row = 0; row < kRows; ++row) {
    users[row] = static_cast<double>(row / 100);
    items[row] = static_cast<double>(row % 100);
    ratings[row] = static_cast<double>(row % 5 + 1);
  }
  {
    H5File file(path_);
    file.add("user", users, {}, Type::i64, 1000);
    file.add("item", items, {}, Type::i64, 77'777);
    file.add("rating", ratings, {}, Type::f32, 4096);
  }
  const auto all = rows(prep_path(path_));
  ASSERT_EQ(all.size(), kRows);
  EXPECT_EQ(all[123'456], "1234 56 2");
}

TEST_F(Hdf5, NothingIsTakenForARating) {
  {
    H5File file(path_);
    file.add("user", {1, 2, 3});
    file.add("item", {3, 4, 5});
    file.add("rating", {5, kNone, 1});
  }
  expect_path_refused(path_, {}, HasSubstr("rating"));
}

TEST_F(Hdf5, WhatIsDamagedOrPackedIsRefusedByName) {
  {
    H5File file(path_);
    file.add("user", {1, 2});
    file.add("item", {3, 4});
    file.add("rating", {5, 1});
  }
  const auto whole = testing::read_file(path_);
  testing::write_archive(folder_ / "a.zip", testing::Packed::zip, {{"ratings.h5", whole}});
  expect_path_refused(folder_ / "a.zip", {},
                      HasSubstr("is HDF5, which is read from a file on disk"));
  testing::write_file(path_, whole.substr(0, 200));
  expect_path_refused(path_, {}, HasSubstr("ratings.h5: cannot open as HDF5"));
}

TEST_F(Hdf5, OurOwnSetsAreNoRatings) {
  { H5File(path_).add("ratings", {1, 10, 4, 2, 10, 3, 2, 20, 5, 3, 10, 1, 4, 9, 2}, {5, 3}); }
  const auto set = prep_path(path_);
  const auto shard = set.shard_path(0);
  std::filesystem::copy(shard, folder_ / "shard.h5");
  expect_path_refused(folder_ / "shard.h5", {},
                      HasSubstr("is a file of nnrec's own (nnrec shard)"));
}

}  // namespace
}  // namespace nnrec::importing
