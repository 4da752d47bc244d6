#include "nnrec/serve/recommender.hpp"

#include <algorithm>

#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/answers.hpp"

#include "support/dist_fixture.hpp"

namespace nnrec::serve {
namespace {

/// The naive twin: each item's answer, in one sort.
std::vector<ScoredItem> sorted_answers(const Model& model, const TrainingFacts& facts,
                                       std::uint32_t user, const ListWish& wish) {
  const auto& ids = model.set.catalogue().item_ids;
  std::vector<Pair> pairs;
  for (std::uint32_t item = 0; item < ids.size(); ++item) pairs.push_back({user, item, wish.time});
  std::vector<float> ratings(ids.size());
  std::vector<Exposure> exposures(ids.size());
  Answers(model, facts).answer(pairs, ratings, exposures);
  ItemFilter filter{{}, wish.allowed};
  if (wish.left_out != nullptr) filter.excluded = wish.left_out->of(user);
  std::vector<ScoredItem> list;
  for (std::uint32_t item = 0; item < ids.size(); ++item)
    if (filter.allows(item)) list.push_back({item, ratings[item]});
  const auto places = id_places(ids);
  std::ranges::sort(
      list, [&](const ScoredItem& a, const ScoredItem& b) { return comes_first(a, b, places); });
  list.resize(std::min(list.size(), wish.top));
  return list;
}

class RecommenderOf : public testing::DistFixture,
                      public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Variants, RecommenderOf, ::testing::Values("basic", "one_layer"));

TEST_P(RecommenderOf, ListsWithManyColdItemsAreThoseOfAWholeSort) {
  constexpr std::uint32_t kItems = 2500;
  std::filesystem::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, kItems, 6000);
  train("run", GetParam(), 4, {"--optimizer", "adam", "--learning-rate", "0.02"});
  Log log = Log::silent();
  const auto source = run::find_model(folder_ / "run", "", log);
  const Model model = run::load_model(source, run::open_training_set(source, ""));
  const math::ThreadTeam team(1);
  TrainingFacts facts = read_training_facts(model.set, team);
  // As if training had not seen them; a whole look of 32 among others.
  for (std::uint32_t item = 0; item < kItems; ++item)
    if (item % 3 == 0 || item / 64 == 7) facts.items.rows[item] = 0;
  std::vector<bool> allowed(kItems);
  for (std::uint32_t item = 0; item < kItems; ++item) allowed[item] = item % 5 < 2;
  const SeenItems seen(model.set, {shards::Part::train, shards::Part::test}, team);
  Recommender recommender(model, facts, team);
  std::vector<std::uint32_t> users(11);
  for (std::uint32_t user = 0; user < users.size(); ++user) users[user] = user;

  std::vector<ListWish> wishes;
  for (const std::size_t top : {1U, 10U, 700U, 5000U}) {
    wishes.push_back({top, 0, nullptr, nullptr});
    wishes.push_back({top, 0, &allowed, nullptr});
    wishes.push_back({top, 0, nullptr, &seen});
    wishes.push_back({top, 0, &allowed, &seen});
  }
  std::size_t listed = 0;
  std::size_t listed_cold = 0;
  for (const ListWish& wish : wishes) {
    const auto lists = recommender.for_users(users, wish, 0);
    for (const std::uint32_t user : users) {
      ASSERT_EQ(lists[user], sorted_answers(model, facts, user, wish))
          << wish.top << " items for user " << user;
      listed += lists[user].size();
      listed_cold += static_cast<std::size_t>(std::ranges::count_if(
          lists[user], [&](const ScoredItem& scored) { return !facts.items.has(scored.item); }));
    }
  }
  EXPECT_GT(listed_cold, 0U);
  EXPECT_LT(listed_cold, listed);
}

}  // namespace
}  // namespace nnrec::serve
