#include "nnrec/synthetic/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"

namespace nnrec::synthetic {
namespace {

using testing::HasSubstr;

TEST(SyntheticSet, HasTheAskedCountsAndNoPairTwice) {
  const SyntheticSet set(SyntheticOptions{});
  std::vector<int> per_item(1682);
  std::size_t ratings = 0;
  for (std::uint64_t user = 0; user < 943; ++user) {
    const auto own = set.ratings_of(user);
    EXPECT_GE(own.size(), 20U);
    std::set<std::uint32_t> items;
    for (const auto& rating : own) {
      ASSERT_LT(rating.item, 1682U);
      EXPECT_TRUE(items.insert(rating.item).second) << user << " " << rating.item;
      ++per_item[rating.item];
    }
    ratings += own.size();
  }
  EXPECT_EQ(ratings, 100'000U);
  EXPECT_EQ(std::count(per_item.begin(), per_item.end(), 0), 0);
}

TEST(SyntheticSet, FewItemsHaveMostRatings) {
  const SyntheticSet set(SyntheticOptions{});
  std::vector<int> per_item(1682);
  for (std::uint64_t user = 0; user < 943; ++user)
    for (const auto& rating : set.ratings_of(user)) ++per_item[rating.item];
  std::sort(per_item.rbegin(), per_item.rend());
  const auto share = [&](std::ptrdiff_t items) {
    double sum = 0;
    for (auto it = per_item.begin(); it != per_item.begin() + items; ++it) sum += *it;
    return sum / 100'000;
  };
  // MovieLens 100K: the top tenth of the items has 43 % of the ratings, the top half 95 %.
  EXPECT_NEAR(share(168), 0.43, 0.06);
  EXPECT_NEAR(share(841), 0.92, 0.05);
}

TEST(SyntheticSet, PlantedMeansAreUnbiasedWithTheirSpread) {
  const SyntheticSet set(SyntheticOptions{});
  // By planted mean, in steps of a half: the ratings' mean there is the planted one.
  std::map<int, std::array<double, 3>> bins;
  double squares = 0;
  double total = 0;
  double total_squares = 0;
  for (std::uint64_t user = 0; user < 943; ++user)
    for (const auto& rating : set.ratings_of(user)) {
      ASSERT_TRUE(rating.value >= 1 && rating.value <= 5);
      auto& [count, expected, actual] = bins[static_cast<int>(2 * rating.expected)];
      count += 1;
      expected += rating.expected;
      actual += rating.value;
      squares += std::pow(rating.value - rating.expected, 2);
      total += rating.value;
      total_squares += rating.value * rating.value;
    }
  for (const auto& [bin, sums] : bins)
    EXPECT_NEAR(sums[1] / sums[0], sums[2] / sums[0], 4.5 * 0.9 / std::sqrt(sums[0])) << bin / 2.0;
  const double mean = total / 1e5;
  const double deviation = std::sqrt(total_squares / 1e5 - mean * mean);
  const double floor = std::sqrt(squares / 1e5);
  EXPECT_NEAR(mean, 3.5, 0.15);
  EXPECT_NEAR(deviation, 1.1, 0.1);
  EXPECT_NEAR(floor, 0.89, 0.03);
  EXPECT_LT(floor, 0.9 * deviation) << "there must be something to learn";
}

TEST(SyntheticSet, TimesRiseWithinTheCollectionSpan) {
  const SyntheticSet set(SyntheticOptions{});
  for (std::uint64_t user = 0; user < 943; ++user) {
    std::int64_t last = 874'724'710;
    for (const auto& rating : set.ratings_of(user)) {
      EXPECT_GE(rating.time, last);
      last = rating.time;
    }
    EXPECT_LE(last, 893'286'638);
  }
}

TEST(SyntheticSet, TitlesShareWordsAndAFewAreTheSame) {
  const SyntheticSet set(SyntheticOptions{});
  std::set<std::string> titles;
  std::size_t six_genres = 0;
  for (std::uint64_t item = 0; item < 1682; ++item) {
    titles.insert(set.item(item).title);
    six_genres += set.item(item).genres.size() == 6 ? 1 : 0;
  }
  EXPECT_EQ(titles.size(), 1664U);
  EXPECT_GT(six_genres, 5U);
}

TEST(SyntheticSet, FullAndSmallestMatricesWork) {
  for (const SyntheticOptions options :
       {SyntheticOptions{7, 11, 77, 3}, SyntheticOptions{1, 1, 1, 3},
        SyntheticOptions{40, 3, 100, 3}}) {
    const SyntheticSet set(options);
    std::uint64_t ratings = 0;
    for (std::uint64_t user = 0; user < options.users; ++user)
      ratings += set.ratings_of(user).size();
    EXPECT_EQ(ratings, options.ratings);
  }
}

TEST(SyntheticSet, ImpossibleCountsAreListedTogether) {
  try {
    SyntheticSet set(SyntheticOptions{0, 0, 5, 1});
    FAIL() << "no error";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("users = 0"));
    EXPECT_THAT(error.what(), HasSubstr("items = 0"));
  }
  EXPECT_THROW(SyntheticSet(SyntheticOptions{3, 2, 7, 1}), UsageError);
}

TEST(SyntheticSet, EveryScaleHasItsValuesAndUnbiasedPlantedMeans) {
  for (const auto scale : {SyntheticScale::half_stars, SyntheticScale::zero_to_ten}) {
    SyntheticOptions options;
    options.scale = scale;
    const SyntheticSet set(options);
    const auto values = scale_values(scale);
    std::set<float> seen;
    double difference = 0;
    for (std::uint64_t user = 0; user < options.users; ++user)
      for (const auto& rating : set.ratings_of(user)) {
        seen.insert(rating.value);
        difference += static_cast<double>(rating.value) - rating.expected;
      }
    EXPECT_EQ(std::vector<float>(seen.begin(), seen.end()), values);
    const double spread = static_cast<double>(values.back() - values.front()) / 4 * 0.9;
    EXPECT_NEAR(difference / 1e5, 0, 4.5 * spread / std::sqrt(1e5));
  }
}

}  // namespace
}  // namespace nnrec::synthetic
