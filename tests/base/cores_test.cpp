#include "nnrec/base/cores.hpp"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Cores, AThreadRunsWhereItMay) {
  const auto all = allowed_cores();
  ASSERT_THAT(all, Not(IsEmpty()));
  EXPECT_TRUE(std::ranges::is_sorted(all));
  std::thread([&] {
    allow_cores({all.back()});
    EXPECT_THAT(allowed_cores(), ElementsAre(all.back()));
    std::thread([&] { EXPECT_THAT(allowed_cores(), ElementsAre(all.back())); }).join();
    allow_cores({});
    EXPECT_THAT(allowed_cores(), ElementsAre(all.back())) << "none is no place to run";
    allow_cores(all);
    EXPECT_EQ(allowed_cores(), all);
  }).join();
  EXPECT_EQ(allowed_cores(), all) << "other threads are left alone";
}

}  // namespace
}  // namespace nnrec
