#include "run/in_force.hpp"

#include <gmock/gmock.h>

#include "support/dist_fixture.hpp"

namespace nnrec::run {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_dist;

class InForce : public testing::DistFixture {};

TEST_F(InForce, SaysRateScheduleBatchRanksAndChanges) {
  const Words cosine{"--rate-schedule", "cosine:over=4"};
  train("run", "one_layer", 2, cosine);
  const std::string resumed = run_dist({3, 2, arguments("run", "one_layer", 3, cosine)});
  EXPECT_THAT(resumed,  // after 2 of 4 epochs half a wave is at its middle
              HasSubstr("one_layer: in force: learning rate 0.05 (schedule cosine:over=4,end=0), "
                        "batch 64, 3 ranks x 2 threads; changed since it was saved: nothing"));
  EXPECT_THAT(train("run", "one_layer", 4, {"--learning-rate", "0.02", "--allow-changes"}),
              AllOf(HasSubstr("in force: learning rate 0.02 (schedule constant)"),
                    HasSubstr("changed since it was saved: learning-rate = 0.02, was 0.1; "
                              "rate-schedule = constant, was cosine")));
  EXPECT_THAT(train("new", "one_layer", 1), Not(HasSubstr("in force")));
}

TEST_F(InForce, EpochsAtRateZeroAreWarnedOf) {
  const std::string lost = "the learning rate is 0, and nothing is learnt";
  const Words linear{"--rate-schedule", "linear:over=1", "--warm-up", "1epochs"};
  EXPECT_THAT(train("run", "basic", 1, linear), Not(HasSubstr(lost)));
  const auto resumed = train("run", "basic", 2, linear);
  EXPECT_THAT(resumed,
              HasSubstr("rate-schedule linear:over=1,end=0 comes to its end before epoch 2"));
  EXPECT_THAT(resumed, HasSubstr(lost));
  EXPECT_THAT(train("other", "basic", 2, {"--rate-schedule", "cosine"}), Not(HasSubstr(lost)));
  EXPECT_THAT(train("small", "basic", 2, {"--rate-schedule", "linear:over=1,end=0.1"}),
              Not(HasSubstr(lost)));
  // By the optimiser those before sampling alone.
  const auto sampled = [&](const char* run, const char* over) {
    return train(run, "basic", 4,
                 {"--sampler", "sgld:warm_up=3,burn_in=3,ramp=1", "--rate-schedule",
                  std::string("linear:over=") + over});
  };
  EXPECT_THAT(sampled("long", "3"), Not(HasSubstr(lost)));
  EXPECT_THAT(sampled("short", "2"), HasSubstr("comes to its end before epoch 3"));
}

TEST_F(InForce, OfASampledRunSaysTheStep) {
  train("run", "basic", 3, testing::sampled(0));
  EXPECT_THAT(train("run", "basic", 4, testing::sampled(0)),
              AllOf(HasSubstr("in force: sampling steps of 0.05, batch 64"),
                    Not(HasSubstr("learning rate"))));
}

}  // namespace
}  // namespace nnrec::run
