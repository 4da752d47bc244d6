#include "nnrec/base/nearest_name.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

const std::vector<std::string> kNames{"basic", "one_layer", "learning-rate", "adam", "adagrad"};

TEST(NearestName, OneWrongLetterEachWayIsUnderstood) {
  EXPECT_EQ(nearest_name("baic", kNames), "basic") << "left out";
  EXPECT_EQ(nearest_name("bassic", kNames), "basic") << "inserted";
  EXPECT_EQ(nearest_name("basik", kNames), "basic") << "replaced";
  EXPECT_EQ(nearest_name("baisc", kNames), "basic") << "swapped";
  EXPECT_EQ(nearest_name("basic", kNames), "basic");
}

TEST(NearestName, AThirdOfTheLettersMayDiffer) {
  EXPECT_EQ(nearest_name("two_layer", kNames), "one_layer");  // 3 of 9
  EXPECT_EQ(nearest_name("six_laier", kNames), "");           // 4 of 9
  EXPECT_EQ(nearest_name("xyz", kNames), "");
  EXPECT_EQ(nearest_name("", kNames), "");
}

TEST(NearestName, ABeginningIsNear) {
  EXPECT_EQ(nearest_name("learn", kNames), "learning-rate");
  EXPECT_EQ(nearest_name("ada", kNames), "adam") << "the first of equals";
  EXPECT_EQ(nearest_name("l", kNames), "") << "too short to say anything";
}

TEST(NearestName, SeveralComeByTheLettersThatDiffer) {
  EXPECT_EQ(nearest_names("adamm", {"adagrad", "adaam", "adam", "sgd"}, 3),
            (std::vector<std::string>{"adaam", "adam"}));
  EXPECT_EQ(nearest_names("adamm", {"adagrad", "adaam", "adam", "sgd"}, 1),
            (std::vector<std::string>{"adaam"}));
}

TEST(NearestName, ARefusalListsAllAndNamesTheNearest) {
  EXPECT_EQ(not_one_of("adma", {"adam", "sgd"}),
            "adma is not one of adam, sgd (did you mean adam?)");
  EXPECT_EQ(not_one_of("lbfgs", {"adam", "sgd"}), "lbfgs is not one of adam, sgd");
}

}  // namespace
}  // namespace nnrec
