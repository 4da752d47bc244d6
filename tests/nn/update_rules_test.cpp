#include "nnrec/nn/update_rules.hpp"

#include "support/expect_error.hpp"

namespace nnrec::nn {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

ParameterLayout small_layout() {
  ParameterLayout layout;
  layout.add("user", 5, 3, BlockKind::table, InitialValues::embedding);
  layout.add("user.bias", 5, 1, BlockKind::table, InitialValues::zero);
  layout.add("dense1.weight", 6, 4, BlockKind::dense, InitialValues::glorot_uniform);
  layout.add("dense1.bias", 1, 4, BlockKind::dense, InitialValues::zero);
  return layout;
}

UpdateRules rules_with(std::vector<std::string> groups, std::string optimizer = "adagrad") {
  return {small_layout(), {std::move(optimizer), 0.1, std::move(groups)}};
}

/// Of each block.
std::vector<std::string> groups_of(const UpdateRules& rules) {
  std::vector<std::string> names;
  for (std::size_t block = 0; block < 4; ++block) names.push_back(rules.group_of(block).blocks);
  return names;
}

TEST(UpdateRules, WithoutGroupsOneRuleHoldsForAll) {
  const UpdateRules rules = rules_with({}, "adam:beta1=0.5");
  EXPECT_THAT(groups_of(rules), ElementsAre("*", "*", "*", "*"));
  EXPECT_EQ(rules.group_of(0).optimizer.text(), "adam:beta1=0.5,beta2=0.999,epsilon=1e-07");
  EXPECT_EQ(rules.group_of(0).rate, 0.1);
  EXPECT_TRUE(rules.groups_in_force().empty());
}

TEST(UpdateRules, EveryBlockIsABiasOrATableOrDense) {
  EXPECT_THAT(groups_of(rules_with({"tables:l2=1", "biases:l2=2", "dense:l2=3"})),
              ElementsAre("tables", "biases", "dense", "biases"));
}

TEST(UpdateRules, TheLastGroupThatHoldsABlockWins) {
  EXPECT_THAT(groups_of(rules_with({"dense1.*:l2=1", "user*:l2=2", "*.bias:l2=3"})),
              ElementsAre("user*", "*.bias", "dense1.*", "*.bias"));
  EXPECT_THAT(groups_of(rules_with({"dense?.weight:l2=1", "u*r:l2=1", "dense1:l2=4"})),
              ElementsAre("u*r", "*", "dense?.weight", "*"));
}

TEST(UpdateRules, AGroupTakesWhatItDoesNotSayFromOutside) {
  const UpdateRules rules = rules_with(
      {"biases:decay=0,beta1=0.8", "user:rate_factor=0.5", "dense:rate=0.3"}, "adamw:beta1=0.7");
  EXPECT_EQ(rules.group_of(1).optimizer.text(),
            "adamw:beta1=0.8,beta2=0.999,epsilon=1e-07,decay=0");
  EXPECT_EQ(rules.group_of(1).rate, 0.1);
  EXPECT_EQ(rules.group_of(0).optimizer.text(),
            "adamw:beta1=0.7,beta2=0.999,epsilon=1e-07,decay=0.01");
  EXPECT_EQ(rules.group_of(0).rate, 0.05);
  EXPECT_EQ(rules.group_of(2).rate, 0.3);
}

TEST(UpdateRules, AnotherOptimizerBeginsWithItsOwnSettings) {
  const UpdateRules rules =
      rules_with({"tables:optimizer=adam,epsilon=0.01,l2=0.5"}, "adamw:beta1=0.7");
  EXPECT_THAT(
      rules.groups_in_force(),
      ElementsAre("tables:optimizer=adam,beta1=0.9,beta2=0.999,epsilon=0.01,rate=0.1,l2=0.5"));
}

TEST(UpdateRules, OnlyGroupsThatSomeBlockFollowsAreInForce) {
  EXPECT_THAT(
      rules_with({"genre:l2=1", "dense1.*:l2=1", "dense:optimizer=sgd", "user:l2=0.25"})
          .groups_in_force(),
      ElementsAre("dense1.*:optimizer=adagrad,initial_accumulator=0.1,epsilon=1e-07,rate=0.1,l2=1",
                  "dense:optimizer=sgd,rate=0.1,l2=0",
                  "user:optimizer=adagrad,initial_accumulator=0.1,epsilon=1e-07,rate=0.1,l2=0.25"));
}

TEST(UpdateRules, ATextMakesItsGroupAgain) {
  const auto texts =
      rules_with({"tables:optimizer=momentum,nesterov=yes,rate_factor=3"}).groups_in_force();
  EXPECT_EQ(rules_with(texts).groups_in_force(), texts);
}

TEST(UpdateRules, WhatRowsOfTablesHaveOfTheirOwnIsSpelledOutWhereThereIsAny) {
  const UpdateRules rules = rules_with(
      {"tables:row_penalty=5,count_penalty=0.05", "biases:row_penalty=3,rows=all"}, "sgd");
  EXPECT_FALSE(rules.group_of(0).moves_all_rows);
  EXPECT_TRUE(rules.group_of(1).moves_all_rows);
  EXPECT_EQ(rules.group_of(0).row_penalty, 5);
  EXPECT_EQ(rules.group_of(0).count_penalty, 0.05);
  const auto texts = rules.groups_in_force();
  EXPECT_THAT(
      texts,
      ElementsAre("tables:optimizer=sgd,rate=0.1,l2=0,row_penalty=5,count_penalty=0.05",
                  "biases:optimizer=sgd,rate=0.1,l2=0,row_penalty=3,count_penalty=0,rows=all"));
  EXPECT_EQ(rules_with(texts).groups_in_force(), texts);
}

TEST(UpdateRules, StateHasASlotOfABlockAfterTheOther) {
  const UpdateRules rules =
      rules_with({"user:optimizer=rowwise_adagrad,initial_accumulator=0.5",
                  "dense1.weight:optimizer=adam", "dense1.bias:optimizer=sgd"});
  const ParameterSet state = rules.initial_state();
  std::vector<std::string> slots;
  for (const Block& block : state.layout().blocks()) {
    slots.push_back(fmt::format("{} {}x{}", block.name, block.rows, block.cols));
  }
  EXPECT_THAT(slots, ElementsAre("row_accumulator/user 5x1", "accumulator/user.bias 5x1",
                                 "mean/dense1.weight 6x4", "square/dense1.weight 6x4"));
  EXPECT_THAT(state.values(0), ::testing::Each(0.5F));
  EXPECT_THAT(state.values(1), ::testing::Each(0.1F));
  EXPECT_THAT(state.values(3), ::testing::Each(0.0F));
  EXPECT_EQ(rules.first_slot(2), 2U);
  EXPECT_EQ(rules.slot_count(2), 2U);
  EXPECT_EQ(rules.slot_count(3), 0U);
}

TEST(UpdateRules, WhatIsNotUnderstoodIsRefused) {
  const auto refuse = [](const char* group, const char* message) {
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { rules_with({group}); });
  };
  refuse("tables", "tables is not BLOCKS:setting=value");
  refuse("tables:rows=some", "tables: rows = some is not touched or all");
  refuse("tables:row_penalty=-1", "tables: row_penalty = -1 is not a number in 0..");
  refuse(":rate=1", ":rate=1 is not BLOCKS:setting=value");
  refuse("tables:", "is not BLOCKS:setting=value");
  refuse("tables:rate", "tables: 'rate' is not setting=value");
  refuse("tables:rate=-1", "tables: rate = -1 is not a number in 0..1e+30");
  refuse("tables:rate=1,rate_factor=2", "give rate or rate_factor");
  refuse("tables:l2=x", "l2 = x is not");
  refuse("tables:optimizer=adma", "adma is not one of adagrad, ");
  refuse("tables:optimizer=adam,beta1=2", "tables: adam: beta1 = 2 is not");
  refuse("tables:optimiser=adam",
         "tables: adagrad: optimiser is not one of rate, rate_factor, l2, row_penalty, "
         "count_penalty, rows, optimizer, "
         "initial_accumulator, epsilon (did you mean optimizer?)");
  refuse("tables:rte=1", "did you mean rate?");
}

}  // namespace
}  // namespace nnrec::nn
