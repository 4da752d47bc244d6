#include "run/living_line.hpp"

#include <gtest/gtest.h>

namespace nnrec::run {
namespace {

TEST(LivingLine, SaysWhereTrainingIsAndWhatIsLeft) {
  LivingState state{"basic", 52, 40, 20, 2048, 0.95123};
  EXPECT_EQ(living_text(state, 100),
            "basic epoch 2/20 step 12/40: 0.20 M ratings/s, RMSE 0.9512, 8 s left");
  state.rmse.reset();
  EXPECT_EQ(living_text(state, 1), "basic epoch 2/20 step 12/40: 0.00 M ratings/s, 13 min left");
  EXPECT_EQ(living_text(state, 0.05),
            "basic epoch 2/20 step 12/40: 0.00 M ratings/s, 4 h 9 min left");
}

}  // namespace
}  // namespace nnrec::run
