#include "nnrec/train/owners.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/thread_communicator.hpp"

namespace nnrec::train {
namespace {

TEST(Owners, EachRowHasOneAndNodesKeepAsManyButARun) {
  for (const int nodes : {2, 3, 4, 8}) {
    std::vector<int> first_ranks;
    for (int node = 0; node <= nodes; ++node) first_ranks.push_back(node);
    constexpr std::size_t kRows = 1000;
    std::vector<int> owners_of(kRows, 0);
    for (int node = 0; node < nodes; ++node) {
      const Owners owners(static_cast<std::size_t>(node), first_ranks);
      std::size_t kept = 0;
      owners.for_each_run({0, kRows}, [&](Range run) {
        for (std::size_t row = run.begin; row < run.end; ++row) {
          EXPECT_TRUE(owners.owns(row));
          ++owners_of[row];
          ++kept;
        }
      });
      EXPECT_NEAR(static_cast<double>(kept), static_cast<double>(kRows) / nodes,
                  Owners::kLeastRunRows);
    }
    EXPECT_EQ(owners_of, std::vector<int>(kRows, 1));
  }
}

TEST(Owners, RunsOfAPieceStayInside) {
  const Owners owners(0, {0, 1, 2});
  std::vector<std::size_t> rows;
  owners.for_each_run({5, 19}, [&](Range run) {
    for (std::size_t row = run.begin; row < run.end; ++row) rows.push_back(row);
  });
  EXPECT_EQ(rows, (std::vector<std::size_t>{5, 6, 7, 16, 17, 18}));
}

TEST(Owners, NodesOfUnequalSizeKnowEachOthersTiles) {
  test::run_ranks(
      5,
      [](comm::Communicator& ranks) {
        const Owners owners = Owners::of_nodes(ranks, 64);
        ASSERT_EQ(owners.count(), 3U);
        EXPECT_EQ(owners.node(), static_cast<std::size_t>(ranks.node()));
        EXPECT_EQ(owners.tiles_of(0, 10).begin, 0U);
        EXPECT_EQ(owners.tiles_of(1, 10).begin, 4U);
        EXPECT_EQ(owners.tiles_of(2, 10).begin, 8U);
        EXPECT_EQ(owners.tiles_of(2, 10).end, 10U);
      },
      2);
}

}  // namespace
}  // namespace nnrec::train
