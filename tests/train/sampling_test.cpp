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

/// What is kept of a run that has sampled.
SamplingState sampled_state(comm::Communicator& self, const nn::ParameterLayout& layout) {
  SamplingState state(self, layout);
  state.numbers = {2, 3, 0.02, 5, 3, 4, 6};
  std::ranges::fill(state.precision, 7);
  std::ranges::fill(state.kept_precision, 8);
  state.test.emplace(self, 4);
  state.test->sums()[1] = 9;
  return state;
}

TEST(Sampling, WhatIsKeptOfOptionsBecomesThatOfOthers) {
  const testing::TinyTraining tiny("one_layer");
  const nn::ParameterLayout& layout = tiny.network.layout();
  comm::SelfCommunicator self;
  SamplingState state = sampled_state(self, layout);
  const auto lines = state.follow(
      *parse_sampling("sgld:step=0.08,warm_up=2,burn_in=2,dense_precision=5"), layout, 6);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("the mean of sampled models begins anew: the 6 before"));
  EXPECT_THAT(lines[1], HasSubstr("steps of 0.01, was 0.02 (3 epochs were undone"));
  EXPECT_EQ(state.numbers.step_size, 0.01);
  EXPECT_EQ(state.numbers.samples, 0U);
  EXPECT_EQ(state.test->sums()[1], 0);
  EXPECT_EQ(state.numbers.noise_precision, 2) << "sampling goes on";
  const SamplingState::Places places(layout);
  for (std::size_t block = 0; block < layout.blocks().size(); ++block) {
    const bool is_dense = layout[block].kind == nn::BlockKind::dense;
    EXPECT_EQ(state.precision[places.first[block]], is_dense ? 5 : 7);
    EXPECT_EQ(state.kept_precision[places.first[block]], is_dense ? 5 : 8);
  }
  EXPECT_TRUE(
      state.follow(*parse_sampling("sgld:step=0.08,warm_up=2,burn_in=3"), layout, 6).empty());
}

TEST(Sampling, WithinALongerWarmUpNothingIsKept) {
  const testing::TinyTraining tiny("one_layer");
  comm::SelfCommunicator self;
  SamplingState state = sampled_state(self, tiny.network.layout());
  const auto options = parse_sampling("sgld:warm_up=7,burn_in=7");
  EXPECT_EQ(state.follow(*options, tiny.network.layout(), 6).size(), 2U);
  EXPECT_EQ(state.numbers.noise_precision, 0) << "not begun";
  EXPECT_EQ(state.numbers.step_size, 0);
  EXPECT_TRUE(state.follow(*options, tiny.network.layout(), 6).empty());
}

}  // namespace
}  // namespace nnrec::train
