#include "nnrec/base/settings.hpp"

#include "support/expect_error.hpp"

namespace nnrec {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

TEST(Settings, WhatIsNotGivenKeepsItsInitialValueAndIsSpelled) {
  Settings settings("adam", "beta1=0.80,nesterov=yes");
  EXPECT_EQ(settings.number("beta1", 0.9, {0, 1}), 0.8);
  EXPECT_EQ(settings.number("epsilon", 1e-7, {0, 1}), 1e-7);
  EXPECT_TRUE(settings.flag("nesterov", false));
  EXPECT_FALSE(settings.flag("lazy", false));
  EXPECT_EQ(settings.number_if_given("rate", {0, 1}), std::nullopt);
  settings.finish();
  EXPECT_EQ(settings.text(), "beta1=0.8,epsilon=1e-07,nesterov=yes,lazy=no");
}

TEST(Settings, BothEndsOfARangeAreIn) {
  EXPECT_EQ(Settings("x", "a=2").number("a", 1, {1, 2}), 2);
  EXPECT_EQ(Settings("x", "a=-0").number("a", 1, {0, 2}), 0);
  for (const char* text :
       {"a=2.0001", "a=0.99", "a=nan", "a=inf", "a=", "a=1 ", "a=1,5", "a=one"}) {
    expect_error(ErrorKind::usage, HasSubstr("--x:"), [&] {
      Settings settings("--x", text);
      settings.number("a", 1, {1, 2});
    });
  }
}

TEST(Settings, AnUnknownOneIsRefusedWithTheNearest) {
  expect_error(ErrorKind::usage, "adamw: decy is not one of beta1, decay (did you mean decay?)",
               [] {
                 Settings settings("adamw", "decy=0.1");
                 settings.number("beta1", 0.9, {0, 1});
                 settings.number("decay", 0.01, {0, 1});
                 settings.finish();
               });
  expect_error(ErrorKind::usage, "sgd: beta is given, but it has no settings",
               [] { Settings("sgd", "beta=1").finish(); });
}

TEST(Settings, OtherTextsAreRefused) {
  for (const char* text : {"a", "=1", "a=1,", ",a=1", "a=1,,b=2", "a=1,a=2", ","}) {
    expect_error(ErrorKind::usage, HasSubstr("--x: "), [&] { Settings("--x", text); });
  }
}

TEST(Settings, TheRestOfAGroupWinsOverWhatIsOutside) {
  Settings group("tables", "rate=0.5,beta1=0.7");
  EXPECT_EQ(group.number_if_given("rate", {0, 1}), 0.5);
  Settings optimizer("tables: adam", "beta1=0.9,beta2=0.99");
  group.hand_rest_to(optimizer);
  EXPECT_EQ(optimizer.number("beta1", 0, {0, 1}), 0.7);
  EXPECT_EQ(optimizer.number("beta2", 0, {0, 1}), 0.99);
  optimizer.finish();
  group.finish();
}

TEST(Settings, WhatNeitherKnowsIsSaidWithTheNamesOfBoth) {
  Settings group("tables", "rat=0.5");
  group.number_if_given("rate", {0, 1});
  Settings optimizer("tables: adam", "");
  group.hand_rest_to(optimizer);
  optimizer.number("beta1", 0.9, {0, 1});
  expect_error(ErrorKind::usage, HasSubstr("rat is not one of rate, beta1 (did you mean rate?)"),
               [&] { optimizer.finish(); });
}

TEST(Settings, AChoiceIsSplitAtItsFirstColon) {
  EXPECT_EQ(split_choice("sgd").name, "sgd");
  EXPECT_EQ(split_choice("sgd").settings, "");
  EXPECT_EQ(split_choice("a:b=1:2").name, "a");
  EXPECT_EQ(split_choice("a:b=1:2").settings, "b=1:2");
}

}  // namespace
}  // namespace nnrec
