#include "nnrec/train/weight_average.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace nnrec::train {
namespace {

/// A dense block and tables, the second of several pieces of work.
nn::ParameterLayout layout() {
  nn::ParameterLayout layout;
  layout.add("dense", 3, 5, nn::BlockKind::dense, nn::InitialValues::zero);
  layout.add("narrow", 13, 1, nn::BlockKind::table, nn::InitialValues::zero);
  layout.add("long", 6001, 3, nn::BlockKind::table, nn::InitialValues::zero);
  return layout;
}

nn::ParameterSet waves(double frequency) {
  nn::ParameterSet set(layout());
  for (std::size_t block = 0; block < set.layout().blocks().size(); ++block) {
    double phase = 0;
    for (float& value : set.values(block)) value = static_cast<float>(std::sin(phase += frequency));
  }
  return set;
}

/// Of nodes with two ranks and one, each rank's share.
TEST(WeightAverage, EachNodeAddsToWhatItKeepsAndItsRanksShareTheWork) {
  const nn::ParameterSet w = waves(0.7);
  const nn::ParameterSet before = waves(0.3);
  for (const int threads : {1, 3}) {
    const math::ThreadTeam team(threads);
    const WeightAverage average(0.75, team);
    for (const std::size_t node : {0U, 1U}) {
      const Owners owners(node, {0, 2, 3});
      const int size = node == 0 ? 2 : 1;
      nn::ParameterSet set = before;
      for (int rank = 0; rank < size; ++rank) {
        average.add(w, 1000, {.node_rank = rank, .node_size = size, .owners = owners}, set);
      }
      for (std::size_t block = 0; block < 3; ++block) {
        const std::size_t cols = layout()[block].cols;
        for (std::size_t i = 0; i < layout()[block].size(); ++i) {
          const bool is_kept = block == 0 || owners.owns(i / cols);
          const double kept = is_kept ? 0.75 : 1;
          ASSERT_NEAR(set.values(block)[i],
                      kept * static_cast<double>(before.values(block)[i]) +
                          (1 - kept) * static_cast<double>(w.values(block)[i]),
                      1e-7)
              << "node " << node << ", block " << block << ", element " << i;
        }
      }
    }
  }
}

TEST(WeightAverage, TheFirstStepsAreSoonForgotten) {
  const math::ThreadTeam team(1);
  const nn::ParameterSet w = waves(0.7);
  const auto after = [&](std::uint64_t step) {
    nn::ParameterSet set(layout());  // zeros: the part of w is what it becomes
    WeightAverage(0.9, team).add(w, step, {}, set);
    return set.values(1)[4] / w.values(1)[4];
  };
  EXPECT_EQ(after(1), 1.0F) << "what was before the first step has no part";
  EXPECT_NEAR(after(2), 10.0 / 11, 1e-6);
  EXPECT_NEAR(after(11), 0.5, 1e-6);
  EXPECT_NEAR(after(100), 0.1, 1e-6);
}

}  // namespace
}  // namespace nnrec::train
