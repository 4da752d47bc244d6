#include "nnrec/run/history.hpp"

#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::run {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

constexpr const char* kHeader =
    "variant,epoch,step,train_rmse,validation_rmse,test_rmse,learning_rate,seconds,"
    "ratings_per_second\n";
constexpr const char* kFirst = "basic,1,40,3.5,3.25,,0.1,0.500000,160000\n";
constexpr const char* kSecond = "basic,2,80,1.23456789,,2.5,0.1,0.250000,320000\n";

HistoryRow first_row() {
  return {"basic", 1, 40, 3.5, 3.25, std::nullopt, 0.1, 0.5, 160000};
}
HistoryRow second_row() {
  return {"basic", 2, 80, 1.23456789, std::nullopt, 2.5, 0.1, 0.25, 320000};
}

class HistoryFile : public ::testing::Test {
 protected:
  std::string text() const { return testing::read_file(folder_ / "history.csv"); }
  void write(const std::string& text) const { testing::write_file(folder_ / "history.csv", text); }

  testing::TemporaryFolder folder_;
  History history_{folder_.path()};
};

TEST_F(HistoryFile, WritesARowAnEpoch) {
  history_.begin({});
  history_.append(first_row());
  history_.append(second_row());
  EXPECT_EQ(text(), std::string(kHeader) + kFirst + kSecond);
}

TEST_F(HistoryFile, ReadsWhatItWrote) {
  write(std::string(kHeader) + kFirst + kSecond);
  const auto rows = history_.read();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].variant, "basic");
  EXPECT_EQ(rows[0].step, 40U);
  EXPECT_EQ(rows[0].validation_rmse, 3.25);
  EXPECT_EQ(rows[0].test_rmse, std::nullopt);
  EXPECT_EQ(rows[0].held_out_rmse(), 3.25);
  EXPECT_EQ(rows[1].epoch, 2U);
  EXPECT_EQ(rows[1].train_rmse, 1.23456789);
  EXPECT_EQ(rows[1].validation_rmse, std::nullopt);
  EXPECT_EQ(rows[1].test_rmse, 2.5);
  EXPECT_EQ(rows[1].held_out_rmse(), 2.5);
  EXPECT_EQ(rows[1].ratings_per_second, 320000);
}

TEST_F(HistoryFile, RowsThatAreReadAreWrittenWithTheSameBytes) {
  const std::string awkward = std::string(kHeader) +
                              "basic,1,40,0.1,1e-09,,0.333333333,123456.123457,98765432109\n"
                              "complex,1,1,123456789,,1.00000001,1e+30,0.000001,0\n"
                              "fm,1,1,,3.25,,0.05,0.500000,160000\n";
  write(awkward);
  history_.begin(history_.read());
  EXPECT_EQ(text(), awkward);
}

TEST_F(HistoryFile, ALineThatWasBeingWrittenIsNoRow) {
  write(std::string(kHeader) + kFirst + "basic,2,8");
  EXPECT_EQ(history_.read().size(), 1U);
}

TEST_F(HistoryFile, WhatIsNoHistoryIsRefusedWithItsPlace) {
  const auto refuses = [&](const std::string& text, const std::string& message) {
    write(text);
    expect_error(ErrorKind::input, HasSubstr("history.csv:" + message), [&] { history_.read(); });
  };
  refuses("", "1:1: header = ''");
  refuses("epoch,variant\n", "1:1: header = 'epoch,variant'");
  const std::string header = kHeader;
  refuses(header + ",1,40,3.5,3.25,,0.1,0.5,160000\n", "2:1: variant = ''");
  refuses(header + "basic,0,40,3.5,3.25,,0.1,0.5,160000\n", "2:7: epoch = 0 of basic");
  refuses(header + "basic,1,40,nan,3.25,,0.1,0.5,160000\n", "2:12: train_rmse = 'nan'");
  refuses(header + "basic,1,40,3.5,-1,,0.1,0.5,160000\n", "2:16: validation_rmse = '-1'");
  refuses(header + "basic,1,40\n", "2:9: train_rmse = '(missing)'");
  refuses(header + "basic,1,40,3.5,3.25,,0.1,0.5,160000,7\n", "2:37: text behind the last column");
  refuses(header + kFirst + kFirst, "3:7: epoch = 1 of basic follows epoch 1");
}

TEST_F(HistoryFile, WithoutAFileTheFolderIsNoRun) {
  EXPECT_FALSE(history_.exists());
  expect_error(ErrorKind::input, HasSubstr("is not the folder of a run"), [&] { history_.read(); });
}

TEST_F(HistoryFile, ARefusedRowIsWrittenWithTheNext) {
  history_.begin({});
  {
    const testing::FileSizeLimit full(text().size() + 10);
    expect_error(ErrorKind::io, HasSubstr("history.csv: cannot be written"),
                 [&] { history_.append(first_row()); });
    EXPECT_EQ(text(), kHeader) << "no part of a row is left";
  }
  history_.append(second_row());
  EXPECT_EQ(text(), std::string(kHeader) + kFirst + kSecond);
}

}  // namespace
}  // namespace nnrec::run
