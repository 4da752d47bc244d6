#include "nnrec/serve/item_scores.hpp"

#include "nnrec/run/open_model.hpp"

#include "support/dist_fixture.hpp"

namespace nnrec::serve {
namespace {

class ItemScoresOf : public testing::DistFixture,
                     public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(VariantsAndPresets, ItemScoresOf,
                         ::testing::Values(std::pair{"basic", "published"},
                                           std::pair{"complex", "published"},
                                           std::pair{"basic", "tuned"}));

TEST_P(ItemScoresOf, AreTheAnswersOfEveryTile) {
  const auto& [variant, preset] = GetParam();
  train("run", variant, 2, {"--preset", preset});
  Log log = Log::silent();
  const auto source = run::find_model(folder_ / "run", "", log);
  const Model model = run::load_model(source, run::open_training_set(source, ""));
  const math::ThreadTeam team(1);
  TrainingFacts facts = read_training_facts(model.set, team);
  facts.items.rows[4] = 0;  // as if training had not seen it
  ItemScores scores(model, facts, team);
  const std::vector<std::uint32_t> users{3, 0, 7};
  for (const auto& [first, count] : {std::pair{0U, 13U}, {2U, 5U}, {12U, 1U}}) {
    std::vector<float> room(3 * 16);
    scores.score(users, 880'000'000, first, 0, {room.data(), 3, count, 16});
    for (std::uint32_t row = 0; row < 3; ++row) {
      for (std::uint32_t item = 0; item < count; ++item) {
        ScoredItem answer{first + item, 0};
        scores.exact(users[row], 880'000'000, 0, std::span(&answer, 1));
        EXPECT_NEAR(room[row * 16 + item], answer.score, 1e-6);
      }
    }
    std::vector<float> warm(3 * 16);
    scores.score_warm(users, 880'000'000, first, 0, {warm.data(), 3, count, 16});
    for (std::uint32_t row = 0; row < 3; ++row) {
      for (std::uint32_t item = 0; item < count; ++item) {
        const float expected = facts.items.has(first + item)
                                   ? room[row * 16 + item]
                                   : -std::numeric_limits<float>::infinity();
        EXPECT_EQ(warm[row * 16 + item], expected);
      }
    }
  }
}

}  // namespace
}  // namespace nnrec::serve
