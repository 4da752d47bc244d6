#include "nnrec/import/row_places.hpp"

#include <gtest/gtest.h>

namespace nnrec::importing {
namespace {

std::vector<LineRun> runs_of(const std::vector<std::uint64_t>& lines) {
  std::vector<LineRun> runs;
  for (std::size_t row = 0; row < lines.size(); ++row) add_row(runs, row, lines[row]);
  return runs;
}

TEST(RowPlaces, RowsOfConsecutiveLinesAreOneRun) {
  EXPECT_EQ(runs_of({2, 3, 4, 5}).size(), 1U);
  EXPECT_EQ(runs_of({2, 3, 7, 8}).size(), 2U);
}

TEST(RowPlaces, RowsOfOneLineAreOneRun) {
  EXPECT_EQ(runs_of({1, 1, 1, 2, 2, 2, 2}).size(), 2U);
  EXPECT_EQ(runs_of({1, 2, 2, 3}).size(), 2U);
}

TEST(RowPlaces, EveryRowHasItsPlaceAcrossBlocksAndFiles) {
  const std::vector<std::vector<std::uint64_t>> blocks{{1, 2, 2, 2}, {3, 4}, {9, 9, 10}};
  const std::vector<std::uint32_t> files{0, 0, 1};
  RowPlaces places;
  places.name_files({"a", "b"});
  std::vector<std::string> expected;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (auto run : runs_of(blocks[block])) {
      run.row += expected.size();
      places.add(files[block], run);
    }
    for (const auto line : blocks[block]) {
      expected.push_back((files[block] == 0 ? "a:" : "b:") + std::to_string(line));
    }
  }
  for (std::size_t row = 0; row < expected.size(); ++row) {
    EXPECT_EQ(places.place(row), expected[row]);
  }
}

}  // namespace
}  // namespace nnrec::importing
