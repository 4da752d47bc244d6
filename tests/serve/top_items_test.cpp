#include "nnrec/serve/top_items.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "nnrec/base/random.hpp"

namespace nnrec::serve {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<ScoredItem> top_items(std::span<const float> scores, const ItemFilter& filter,
                                  std::span<const std::uint32_t> places, std::size_t top) {
  TopItems list(top, filter, places);
  // In pieces, the last of them first.
  const std::size_t middle = scores.size() / 3;
  list.add(static_cast<std::uint32_t>(middle), scores.subspan(middle));
  list.add(0, scores.first(middle));
  return list.take();
}

std::vector<std::string> ids_of(const std::vector<ScoredItem>& list,
                                const std::vector<std::string>& ids) {
  std::vector<std::string> found;
  for (const ScoredItem& scored : list) found.push_back(ids[scored.item]);
  return found;
}

TEST(TopItems, G03EqualScoresComeByIdInNumericOrderWhateverTheInput) {
  std::vector<std::pair<std::string, float>> items{
      {"12", 3.5F}, {"7", 3.5F}, {"105", 3.5F}, {"9", 3.5F}, {"1", 2.0F}};
  std::ranges::sort(items);
  do {
    std::vector<std::string> ids;
    std::vector<float> scores;
    for (const auto& [id, score] : items) {
      ids.push_back(id);
      scores.push_back(score);
    }
    ASSERT_THAT(ids_of(top_items(scores, {}, id_places(ids), 3), ids), ElementsAre("7", "9", "12"));
  } while (std::ranges::next_permutation(items).found);
}

TEST(TopItems, G07ScoresAboveTheScaleKeepTheirOrder) {
  const std::vector<std::string> ids{"1", "2", "3", "4"};
  const std::vector<float> scores{5.1F, 5.9F, 5.4F, 4.0F};
  EXPECT_THAT(ids_of(top_items(scores, {}, id_places(ids), 10), ids),
              ElementsAre("2", "3", "1", "4"));
}

TEST(TopItems, NumbersComeBeforeTextsAndByValue) {
  const std::vector<std::string> ids{"b", "10", "9", "a10", "a9", "007", "99999999999999999999"};
  EXPECT_THAT(id_places(ids), ElementsAre(6, 2, 1, 4, 5, 0, 3));
}

TEST(TopItems, G05FewerComeWhereFewerExist) {
  const std::vector<float> scores{1, 2, 3};
  const std::vector<std::uint32_t> places{0, 1, 2};
  const std::vector<std::uint32_t> all{0, 1, 2};
  const std::vector<bool> first{true, false, false};
  EXPECT_THAT(top_items(scores, {all}, places, 100), IsEmpty());
  EXPECT_THAT(top_items(scores, {{}, &first}, places, 100), ElementsAre(ScoredItem{0, 1}));
}

TEST(TopItems, AnItemOfMinusInfinityIsLeftOut) {
  std::vector<float> scores(100, -std::numeric_limits<float>::infinity());
  scores[40] = std::numeric_limits<float>::lowest();
  scores[99] = 1;
  std::vector<std::uint32_t> places(100);
  std::iota(places.begin(), places.end(), 0U);
  EXPECT_THAT(top_items(scores, {}, places, 10),
              ElementsAre(ScoredItem{99, 1}, ScoredItem{40, scores[40]}));
}

TEST(TopItems, ItemsOfOneScoreAreAddedAsOneByOne) {
  const std::vector<std::uint32_t> places{4, 2, 0, 3, 1};
  const std::vector<std::uint32_t> excluded{4};
  for (const float score : {1.0F, 2.0F, 3.0F}) {
    for (const std::size_t top : {1U, 2U, 4U, 9U}) {
      const std::vector<float> scores{2, 1, score, score, score};
      TopItems list(top, {excluded}, places);
      list.add(0, std::span(scores).first(2));
      list.add_equal(std::vector<std::uint32_t>{2, 4, 3}, score);
      EXPECT_EQ(list.take(), top_items(scores, {excluded}, places, top)) << score << " " << top;
    }
  }
}

TEST(TopItems, AreThoseOfAWholeSort) {
  const CounterRandom random(5, Purpose::synthetic, 0);
  std::vector<float> scores;
  std::vector<std::string> ids;
  std::vector<std::uint32_t> excluded;
  for (std::uint32_t item = 0; item < 1000; ++item) {
    scores.push_back(static_cast<float>(random.words(item)[0] % 50));
    ids.push_back(std::to_string(item));
    if (random.words(item)[1] % 3 == 0) excluded.push_back(item);
  }
  std::vector<ScoredItem> sorted;
  for (std::uint32_t item = 0; item < 1000; ++item)
    if (!std::ranges::binary_search(excluded, item)) sorted.push_back({item, scores[item]});
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &ScoredItem::score);
  for (const std::size_t top : {1U, 10U, 333U}) {
    const std::vector<ScoredItem> expected(sorted.begin(),
                                           sorted.begin() + static_cast<std::ptrdiff_t>(top));
    EXPECT_EQ(top_items(scores, {excluded}, id_places(ids), top), expected);
  }
}

}  // namespace
}  // namespace nnrec::serve
