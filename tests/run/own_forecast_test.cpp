#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/dist_fixture.hpp"

namespace nnrec::run {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class OwnForecastOf : public testing::DistFixture {};

TEST_F(OwnForecastOf, ARunStandsBesideItsEnd) {
  const std::string said = testing::run_dist({2, 1, arguments("run", "basic,one_layer", 3)});
  for (const char* variant : {"basic", "one_layer"}) {
    SCOPED_TRACE(variant);
    const std::size_t end = said.find(std::string(variant) + " epoch 3/3");
    ASSERT_NE(end, std::string::npos);
    EXPECT_THAT(
        said.substr(end),
        AllOf(ContainsRegex("forecast by the first epoch: [0-9]+\\.[0-9]+ ms a batch; the others "
                            "took [0-9]+\\.[0-9]+ \\([-+][0-9]+ %\\)"),
              ContainsRegex("memory of a node: [0-9.]+ [kMG]?B forecast; in use [0-9.]+ [kMG]?B")));
  }
}

TEST_F(OwnForecastOf, ASingleEpochHasNothingToForetell) {
  EXPECT_THAT(testing::run_dist({1, 1, arguments("run", "basic", 1)}),
              Not(HasSubstr("forecast by")));
}

// Its first epochs are not like its later ones.
TEST_F(OwnForecastOf, ASampledRunIsNotForetold) {
  const std::string said = testing::run_dist(
      {1, 1,
       arguments("run", "basic", 4, {"--biases", "yes", "--sampler", "sgld:warm_up=1,burn_in=2"})});
  EXPECT_THAT(said, AllOf(HasSubstr("epoch 4/4"), Not(HasSubstr("forecast by"))));
}

}  // namespace
}  // namespace nnrec::run
