#include "nnrec/serve/near_titles.hpp"

#include <gmock/gmock.h>

namespace nnrec::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kTitles{"Godfather: Part II, The (1974)",
                                       "Godfather, The (1972)",
                                       "Star Wars (1977)",
                                       "The Third Man (1949)",
                                       "Star Trek: First Contact (1996)",
                                       "Star Trek: Generations (1994)",
                                       "Star Trek: The Wrath of Khan (1982)",
                                       "Alien (1979)"};

TEST(NearTitles, ALeadingArticleIsFoundBehindAndTheOtherWayRound) {
  EXPECT_THAT(near_titles("The Godfather (1972)", kTitles, 3),
              ElementsAre("Godfather, The (1972)"));
  EXPECT_THAT(near_titles("the godfather", kTitles, 3), ElementsAre("Godfather, The (1972)"));
  EXPECT_THAT(near_titles("Third Man, The (1949)", kTitles, 3),
              ElementsAre("The Third Man (1949)"));
}

TEST(NearTitles, APartInAnyCaseNamesTheShortestThatHaveIt) {
  EXPECT_THAT(near_titles("GODFATHER", kTitles, 3),
              ElementsAre("Godfather, The (1972)", "Godfather: Part II, The (1974)"));
  EXPECT_THAT(near_titles("star", kTitles, 3),
              ElementsAre("Star Wars (1977)", "Star Trek: Generations (1994)",
                          "Star Trek: First Contact (1996)"));
}

TEST(NearTitles, OthersFollowByTheLettersThatDiffer) {
  EXPECT_THAT(near_titles("Sart Wars (1978)", kTitles, 3), ElementsAre("Star Wars (1977)"));
  EXPECT_THAT(near_titles("Alien (1979", kTitles, 3), ElementsAre("Alien (1979)"));
  EXPECT_THAT(near_titles("Solaris (1972)", kTitles, 3), IsEmpty());
}

TEST(NearTitles, NumbersAreIdsAndNoPartsOfTitles) {
  EXPECT_THAT(near_titles("1977", kTitles, 3), IsEmpty());
  EXPECT_THAT(near_titles("ar", kTitles, 3), IsEmpty());
}

}  // namespace
}  // namespace nnrec::serve
