#include "nnrec/run/changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nnrec::run {
namespace {
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kLongDigest = "0123456789abcdef0123456789abcdef";

TEST(Changes, AWarmStartIsReadAsItIsWritten) {
  for (const char* place : {"/runs/a/b.h5", "/a (step 3, data digest 4)/b.h5", "/a, b) c/d.h5"}) {
    const std::string line = warm_start_lines({place, 80, kLongDigest}).front();
    const auto read =
        warm_start_of(std::string(kWarmStartMark) + line + "\nwarm start: rows of user\n");
    ASSERT_TRUE(read) << place;
    EXPECT_EQ(read->place, place);
    EXPECT_EQ(read->step, 80U);
    EXPECT_EQ(read->data_digest, "0123456789abcdef");
  }
  EXPECT_THAT(warm_start_lines({"/a", 80, kLongDigest}),
              ElementsAre("begins with the weights of /a (step 80, data digest 0123456789abcdef)"));
  EXPECT_FALSE(warm_start_of(""));
  EXPECT_FALSE(warm_start_of(change_at(5, "seed = 1, was 2") + "\n"));
}

TEST(Changes, FormerDataAreThoseThatWereChanged) {
  const std::string changes = change_at(5, data_change(kLongDigest, "b" + kLongDigest)) + "\n" +
                              change_at(9, "seed = 1, was 2") + "\n" +
                              change_at(9, data_change("c", kLongDigest)) + "\n";
  EXPECT_THAT(former_data_digests(changes), ElementsAre("b0123456789abcde", "0123456789abcdef"));
  EXPECT_THAT(former_data_digests(""), IsEmpty());
  EXPECT_THAT(former_data_digests(std::string(kWarmStartMark) +
                                  warm_start_lines({"/a", 1, kLongDigest}).front() + "\n"),
              IsEmpty());
}

TEST(Changes, WhatWeightsHaveLearntFromIsHandedOn) {
  std::string changes;
  for (const std::string& line :
       warm_start_lines({"/a", 1, "d" + kLongDigest, {"e" + kLongDigest, "f" + kLongDigest}}))
    changes += std::string(kWarmStartMark) + line + "\n";
  changes += "warm start: rows of user\n";
  changes += change_at(5, data_change(kLongDigest, "b" + kLongDigest)) + "\n";
  changes += change_at(7, data_change("c" + kLongDigest, "e" + kLongDigest)) + "\n";
  EXPECT_THAT(warm_start_of(changes)->former_digests,
              ElementsAre("e0123456789abcde", "f0123456789abcde"));
  EXPECT_THAT(former_data_digests(changes), ElementsAre("b0123456789abcde", "e0123456789abcde"));
  EXPECT_THAT(earlier_data_digests(changes), ElementsAre("e0123456789abcde", "f0123456789abcde",
                                                         "d0123456789abcde", "b0123456789abcde"));
  EXPECT_THAT(earlier_data_digests(""), IsEmpty());
  EXPECT_THAT(other_digests({"0123456789abcdef", "b0123456789abcde"}, kLongDigest),
              ElementsAre("b0123456789abcde"));
}

TEST(Changes, AnotherMeanBeginsWithOtherDataOrAnotherSampler) {
  EXPECT_EQ(last_other_mean_step(""), 0U);
  std::string changes = "warm start: begins with the weights of a: b\n";
  const auto add = [&](std::uint64_t step, const std::string& change) {
    changes += change_at(step, change) + "\n";
    return last_other_mean_step(changes);
  };
  EXPECT_EQ(add(5, "learning-rate = 1, was 2"), 0U);
  EXPECT_EQ(add(10, data_change("1", "2")), 10U);
  EXPECT_EQ(add(20, "sampler = sgld:step=1, was not in force"), 20U);
  EXPECT_EQ(add(30, "build: compiler = a sampler = b, was c"), 20U);
}

TEST(Changes, TheLastStepIsTheLastLines) {
  EXPECT_EQ(last_change_step(""), 0U);
  EXPECT_EQ(last_change_step("step 5: seed = 1, was 2\nstep 12: batch = 3, was 4\n"), 12U);
  EXPECT_EQ(last_change_step("warm start: begins with the weights of /a\n"), 0U);
}

}  // namespace
}  // namespace nnrec::run
