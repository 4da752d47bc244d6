#include "nnrec/run/plan_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(PlanRun, ReadsNumbersOfNodes) {
  EXPECT_THAT(parse_node_counts("none"), IsEmpty());
  EXPECT_THAT(parse_node_counts("1"), ElementsAre(1));
  EXPECT_THAT(parse_node_counts("1,2,64"), ElementsAre(1, 2, 64));
  for (const char* text : {"", "0", "1,", "1,,2", "two", "-1", "1.5", "65537", "1, 2"}) {
    expect_error(ErrorKind::usage, HasSubstr("as in 1,2,4"), [&] { parse_node_counts(text); });
  }
}

TEST(PlanRun, ReadsANetworkAndItsUnits) {
  EXPECT_FALSE(parse_network("measured"));
  const auto cluster = parse_network("10us,12.5GB/s");
  EXPECT_DOUBLE_EQ(cluster->latency_seconds, 10e-6);
  EXPECT_DOUBLE_EQ(cluster->bytes_per_second, 12.5e9);
  EXPECT_DOUBLE_EQ(parse_network("0.2ms,1Gbit/s")->bytes_per_second, 125e6);
  EXPECT_DOUBLE_EQ(parse_network("200ns,100Mbit/s")->latency_seconds, 200e-9);
  EXPECT_DOUBLE_EQ(parse_network("1us,3MB/s")->bytes_per_second, 3e6);
  for (const char* text : {"", "10us", "10us,", ",1GB/s", "10,1GB/s", "10us,1", "10us,1Gb/s",
                           "0us,1GB/s", "10us,-1GB/s", "10us,nanGB/s", "10us 1GB/s"}) {
    expect_error(ErrorKind::usage, HasSubstr("as in 10us,12.5GB/s"), [&] { parse_network(text); });
  }
}

class PlanRunOf : public testing::DistFixture {};

TEST_F(PlanRunOf, ATablePerVariantAndNothingWritten) {
  const std::string said = testing::run_dist(
      {2, 1,
       arguments("run", "basic,one_layer", 1,
                 {"--plan", "1,2,16", "--network", "200us,1Gbit/s", "--ranks-per-node", "4"})});
  EXPECT_THAT(said, HasSubstr("200.0 us for a short message, 125.0 MB/s for long ones (as given)"));
  for (const char* variant : {"basic: on one core here", "one_layer: on one core here"}) {
    EXPECT_THAT(said, HasSubstr(variant));
  }
  EXPECT_THAT(said, HasSubstr("warning: --run is of training: --plan trains nothing that stays, "
                              "and leaves aside what it says\n"));
  EXPECT_THAT(said, HasSubstr("   16     64 "));
  EXPECT_THAT(said, HasSubstr("advice: "));
  EXPECT_THAT(said, Not(HasSubstr("epoch 1/1")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

TEST_F(PlanRunOf, AStopEndsIt) {
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("a plan saves nothing"), [&] {
    testing::run_dist({1, 1, arguments("run", "basic", 1, {"--plan", "1"})}, signals);
  });
}

}  // namespace
}  // namespace nnrec::run
