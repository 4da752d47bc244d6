#include "nnrec/train/sampling.hpp"

#include <gtest/gtest.h>

#include "nnrec/comm/self_communicator.hpp"

#include "support/expect_error.hpp"
#include "support/tiny_training.hpp"

namespace nnrec::train {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

TEST(Sampling, SpellsEverySettingOut) {
  EXPECT_FALSE(parse_sampling("none"));
  const auto options = parse_sampling("sgld:step=0.08,warm_up=3,burn_in=5");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->step, 0.08);
  EXPECT_EQ(options->warm_up, 3U);
  EXPECT_EQ(options->text.substr(0, 35), "sgld:step=0.08,warm_up=3,burn_in=5,");
  EXPECT_EQ(parse_sampling(options->text)->text, options->text);
}

TEST(Sampling, RefusesWhatIsNotUnderstood) {
  const auto expect_refusal = [](const char* text, const char* message) {
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { parse_sampling(text); });
  };
  expect_refusal("sgdl", "sgdl is not one of none, sgld (did you mean sgld?)");
  expect_refusal("none:step=1", "none is not one of none, sgld");
  expect_refusal("sgld:step=0", "sgld: step = 0 is not a number in 1e-09..1");
  expect_refusal("sgld:steps=0.1", "steps is not one of step");
  expect_refusal("sgld:warm_up=2.5", "sgld: warm_up = 2.5 is not a whole number of epochs");
  expect_refusal("sgld:warm_up=9,burn_in=8", "burn_in = 8 is less than warm_up = 9");
}

TEST(Sampling, TheDigestSeesEveryNumberButTheSumsOfPredictions) {
  const testing::TinyTraining tiny("complex");
  comm::SelfCommunicator self;
  SamplingState state(self, tiny.network.layout());
  std::vector<std::string> digests{state.digest()};
  const auto expect_another = [&] {
    const std::string digest = state.digest();
    EXPECT_EQ(std::ranges::find(digests, digest), digests.end());
    digests.push_back(digest);
  };
  state.numbers.noise_precision = 1;
  expect_another();
  state.numbers.step_size = 1;
  expect_another();
  state.numbers.probes = 1;
  expect_another();
  state.precision.back() = 1;
  expect_another();
  state.curvature.back() = 1;
  expect_another();
  state.kept_precision.back() = 1;
  expect_another();
  state.snapshot.values(1)[3] = 1;
  expect_another();
  state.numbers.samples = 1;
  EXPECT_EQ(state.digest(), digests.back());
}

}  // namespace
}  // namespace nnrec::train
