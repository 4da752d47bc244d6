#include "app/report/model_answers.hpp"

#include <nlohmann/json.hpp>

#include "nnrec/app/recommend_command.hpp"

#include "support/answering.hpp"

namespace nnrec::app {
namespace {

class ModelAnswersTest : public testing::Answering {};

TEST_F(ModelAnswersTest, ListsAreThoseOfRecommendAlsoWhereTheMeanAnswers) {
  train("plain", "basic", 2);
  train("sampled", "basic", 6, testing::sampled(3));
  Log silent = Log::silent();
  const auto answers = ask_models({{"plain", path("plain"), ""}, {"sampled", path("sampled"), ""}},
                                  "", math::ThreadTeam(1), silent);
  ASSERT_EQ(answers.sets.size(), 1U);
  for (const UserLists& user : answers.sets[0].lists) {
    for (std::size_t model = 0; model < 2; ++model) {
      const auto list = nlohmann::json::parse(
          ask(recommend_command, {path(answers.sets[0].models[model]), "--user", user.user, "--top",
                                  "5", "--exclude-seen", "--format", "json"}));
      Words expected;
      for (const auto& item : list.at(0).at("items"))
        expected.push_back(fmt::format("{}: {:.2f}", item.at("title").get<std::string>(),
                                       item.at("rating").get<double>()));
      EXPECT_EQ(user.lists[model], expected) << answers.sets[0].models[model];
    }
  }
}

}  // namespace
}  // namespace nnrec::app
