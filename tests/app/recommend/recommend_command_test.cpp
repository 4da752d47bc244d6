#include "nnrec/app/recommend_command.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "nnrec/app/predict_command.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const std::filesystem::path kCases = NNREC_SOURCE_DIR "/tests/cases";

class RecommendCommand : public testing::Answering {
 protected:
  std::string recommend(Words words) const {
    words.insert(words.begin(), path("run"));
    return ask(recommend_command, words);
  }
  json recommend_json(Words words) const {
    words.insert(words.end(), {"--format", "json"});
    return json::parse(recommend(words));
  }
};

std::vector<std::string> ids_of(const json& list) {
  std::vector<std::string> ids;
  for (const json& item : list.at("items")) ids.push_back(item.at("item"));
  return ids;
}

TEST_F(RecommendCommand, G02SeenItemsAreLeftOutWhereThatIsAsked) {
  prepare(kCases / "G02/train.tsv");
  train("run", "basic", 1);
  const json lists = recommend_json({"--user", "1", "--user", "2", "--exclude-seen"});
  EXPECT_THAT(ids_of(lists.at(0)), UnorderedElementsAre("5", "6"));
  EXPECT_THAT(ids_of(lists.at(1)), UnorderedElementsAre("2", "3", "4", "6"));
  EXPECT_EQ(ids_of(recommend_json({"--user", "1"}).at(0)).size(), 6U);
}

TEST_F(RecommendCommand, G05WhoHasSeenAllGetsAnEmptyList) {
  prepare(file("ratings.tsv", testing::read_file(kCases / "G05/train.tsv") +
                                  testing::read_file(kCases / "G05/sawall.tsv")));
  train("run", "basic", 1);
  const json lists =
      recommend_json({"--user", "1", "--user", "9", "--exclude-seen", "--top", "100"});
  EXPECT_EQ(ids_of(lists.at(0)).size(), 2U);
  EXPECT_THAT(ids_of(lists.at(1)), IsEmpty());
  EXPECT_THAT(recommend({"--user", "9", "--exclude-seen"}), HasSubstr("no item is left to list"));
  for (const char* top : {"0", "-1"}) {
    expect_error(ErrorKind::usage, HasSubstr("--top"), [&] {
      recommend({"--user", "1", "--top", top});
    });
  }
}

TEST_F(RecommendCommand, AListHasTheHighestOfTheRatingsThatPredictGives) {
  train("run", "complex", 2);
  std::string pairs;
  for (int item = 0; item < 13; ++item) pairs += fmt::format("u3,i{}\n", item);
  std::istringstream answers(ask(predict_command, {path("run"), "--pairs", file("pairs", pairs)}));
  std::vector<std::pair<double, std::string>> expected;
  for (std::string line; std::getline(answers, line);) {
    std::istringstream fields(line);
    std::string user;
    std::string item;
    std::string rating;
    std::getline(std::getline(std::getline(fields, user, ','), item, ','), rating, ',');
    expected.emplace_back(-std::stod(rating), item);
  }
  std::ranges::sort(expected);
  const json list = recommend_json({"--user", "u3", "--top", "5"}).at(0);
  EXPECT_EQ(list.at("basis"), "model");
  for (std::size_t rank = 0; rank < 5; ++rank) {
    EXPECT_EQ(list.at("items").at(rank).at("item"), expected[rank].second);
    EXPECT_DOUBLE_EQ(list.at("items").at(rank).at("rating"), -expected[rank].first);
  }
}

TEST_F(RecommendCommand, OutputIsTheSameForAnyNumberOfThreads) {
  train("run", "one_layer", 1);
  for (const char* format : {"text", "csv", "json"}) {
    const Words words{"--all-users", "--exclude-seen", "--format", format, "--threads"};
    const auto with = [&](const char* threads) {
      Words all = words;
      all.emplace_back(threads);
      return recommend(all);
    };
    EXPECT_EQ(with("3"), with("1")) << format;
  }
  EXPECT_EQ(json::parse(recommend({"--all-users", "--format", "json"})).size(), 11U);
}

// Item 1 has 5 and 5: (10 + 10 x 3.625) / 12; item 6 has one 5: (5 + 36.25) / 11.
TEST_F(RecommendCommand, AnUnknownUserGetsWhatIsPopularAndIsMarked) {
  prepare(kCases / "G02/train.tsv");
  train("run", "basic", 1);
  const json list = recommend_json({"--user", "999", "--top", "2"}).at(0);
  EXPECT_EQ(list.at("basis"), "popular");
  EXPECT_THAT(ids_of(list), ElementsAre("1", "6"));
  EXPECT_NEAR(list.at("items").at(0).at("rating"), 46.25 / 12, 1e-6);
  EXPECT_NEAR(list.at("items").at(1).at("rating"), 41.25 / 11, 1e-6);
  EXPECT_THAT(recommend({"--user", "999"}), HasSubstr("without a training rating"));
}

TEST_F(RecommendCommand, GenresNarrowTheLists) {
  train("run", "basic", 1);
  const auto set = shards::ShardSet::open(folder_ / "set");
  const auto& catalogue = set.catalogue();
  const json list = recommend_json({"--user", "u1", "--where", "genre=war", "--top", "99"}).at(0);
  const auto found = ids_of(list);
  const auto war = static_cast<std::uint32_t>(std::ranges::find(catalogue.genres, "War") -
                                              catalogue.genres.begin());
  std::vector<std::string> expected;
  for (std::size_t item = 0; item < catalogue.item_ids.size(); ++item) {
    const auto& [offsets, values] = catalogue.item_genres;
    for (auto slot = offsets[item]; slot < offsets[item + 1]; ++slot)
      if (values[slot] == war) expected.push_back(catalogue.item_ids[item]);
  }
  ASSERT_FALSE(expected.empty());
  EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(expected));
  expect_error(ErrorKind::usage, HasSubstr("did you mean Horror?"), [&] {
    recommend({"--user", "u1", "--where", "genre=Horor"});
  });
}

TEST_F(RecommendCommand, SimilarItemsAreOthersByCosine) {
  train("run", "basic", 2);
  const json list = recommend_json({"--similar-to", "i5", "--top", "99"}).at(0);
  EXPECT_EQ(list.at("basis"), "similarity");
  const auto found = ids_of(list);
  EXPECT_EQ(std::ranges::count(found, "i5"), 0);
  double before = 1;
  for (const json& item : list.at("items")) {
    EXPECT_LE(item.at("similarity"), before);
    EXPECT_GE(item.at("similarity"), -1.000001);
    before = item.at("similarity");
  }
  const std::string title = list.at("items").at(0).at("title");
  EXPECT_EQ(recommend_json({"--similar-to", title}).size(), 1U) << "by title, too";
  expect_error(ErrorKind::input, HasSubstr("item i55 is not known (did you mean i5?)"), [&] {
    recommend({"--similar-to", "i55"});
  });
  expect_error(ErrorKind::input,
               HasSubstr("item the film5 is not known (did you mean 'Film5, The (1991)'?)"), [&] {
                 recommend({"--similar-to", "the film5"});
               });
  expect_error(ErrorKind::input,
               HasSubstr("(did you mean 'Film0 Return (1990)' or 'Film6 Return (1992)' or "), [&] {
                 recommend({"--similar-to", "RETURN"});
               });
}

TEST_F(RecommendCommand, OptionsThatNothingReadsAreRefused) {
  for (const Words& words : {Words{"--clip"}, {"--exclude-seen"}, {"--at", "5"}}) {
    Words all{"--similar-to", "i5"};
    all.insert(all.end(), words.begin(), words.end());
    expect_error(ErrorKind::usage,
                 HasSubstr(words.front() + " goes with --user or --all-users, not with"),
                 [&] { recommend(all); });
  }
  train("run", "basic", 1);
  expect_error(ErrorKind::usage, HasSubstr("--at: basic reads no times"), [&] {
    recommend({"--user", "u1", "--at", "5"});
  });
}

TEST_F(RecommendCommand, TimesDecideWhereTheModelReadsThem) {
  train("run", "enriched", 2);
  const auto at = [&](const char* time) { return recommend({"--user", "u1", "--at", time}); };
  EXPECT_NE(at("880000000"), at("889000000"));
}

TEST_F(RecommendCommand, CsvQuotesTitlesWithCommas) {
  train("run", "basic", 1);
  const std::string csv = recommend({"--user", "u1", "--format", "csv", "--top", "99"});
  EXPECT_THAT(csv, AllOf(HasSubstr("user,rank,item,rating,title,basis\nu1,1,"),
                         HasSubstr(",\"Film5, The (1991)\",model\n")));
}

/// Of this table in each kept sample: the cosine of two rows, averaged.
double mean_cosine(const std::vector<run::SavedCheckpoint>& samples, std::size_t a, std::size_t b) {
  double sum = 0;
  for (const auto& sample : samples) {
    const io::H5Reader file(sample.path);
    const auto values = file.read<float>("parameters/title");
    const std::size_t cols = file.shape("parameters/title").at(1);
    const auto dot = [&](std::size_t first, std::size_t second) {
      double product = 0;
      for (std::size_t c = 0; c < cols; ++c) {
        product += static_cast<double>(values[first * cols + c]) *
                   static_cast<double>(values[second * cols + c]);
      }
      return product;
    };
    sum += dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
  }
  return sum / static_cast<double>(samples.size());
}

TEST_F(RecommendCommand, ASampledRunsListsAreOfTheMeanWithDeviations) {
  Words sampled{"--optimizer", "adam",      "--learning-rate",
                "0.03",        "--sampler", "sgld:step=0.05,warm_up=1,burn_in=2,diverged=1000"};
  train("none-kept", "basic", 5, sampled);
  ask(recommend_command, {path("none-kept"), "--user", "u1"});
  EXPECT_THAT(log(),
              HasSubstr("none is kept (--keep-samples 20 from its beginning on keeps some)"));
  sampled.insert(sampled.end(), {"--keep-samples", "3"});
  train("run", "basic", 5, sampled);

  const json list = recommend_json({"--user", "u1", "--top", "99"}).at(0);
  EXPECT_THAT(log(), HasSubstr("answers are means of 3 sampled models"));
  std::string pairs;
  for (const std::string& id : ids_of(list)) pairs += "u1," + id + "\n";
  std::istringstream answers(ask(predict_command, {path("run"), "--pairs", file("pairs", pairs)}));
  double before = 6;
  for (const json& item : list.at("items")) {
    std::string line;
    std::getline(answers, line);
    EXPECT_EQ(line, fmt::format("u1,{},{},warm,{}", item.at("item").get<std::string>(),
                                item.at("rating").get<float>(), item.at("deviation").get<float>()));
    EXPECT_LE(item.at("rating"), before);
    before = item.at("rating");
  }
  EXPECT_THAT(recommend({"--user", "u1", "--user", "nobody", "--format", "csv"}),
              AllOf(HasSubstr("user,rank,item,rating,deviation,title,basis\n"),
                    ::testing::ContainsRegex("nobody,1,i[0-9]+,[0-9.]+,,")));
  EXPECT_THAT(recommend({"--user", "u1"}), HasSubstr(" ±"));

  const auto samples = run::find_samples(folder_ / "run", "basic");
  const auto titles = train::read_row_names(samples.front().path).titles;
  const auto row_of = [&](const std::string& title) {
    return static_cast<std::size_t>(std::ranges::find(titles, title) - titles.begin()) + 1;
  };
  const json alike = recommend_json({"--similar-to", titles.front(), "--top", "3"}).at(0);
  for (const json& item : alike.at("items")) {
    EXPECT_NEAR(item.at("similarity").get<double>(),
                mean_cosine(samples, 1, row_of(item.at("title"))), 1e-5);
  }
}

TEST_F(RecommendCommand, IdsThatWereMeantAsSeveralAreDoubted) {
  train("run", "basic", 1);
  expect_error(ErrorKind::usage, HasSubstr("give --user once for each: --user u2"), [&] {
    recommend({"--user", "u1", "u2"});
  });
  expect_error(ErrorKind::usage, HasSubstr("--user is given without a value"), [&] {
    recommend({"--user", ""});
  });
  recommend({"--user", "u1,u2"});
  EXPECT_THAT(log(), HasSubstr("user u1,u2 is not known, but u1 and u2 are: give --user once"));
  recommend({"--user", "u1,nobody"});
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("once for each")));
}

TEST_F(RecommendCommand, OneThingIsAskedAtATime) {
  train("run", "basic", 1);
  for (const Words& words : {Words{}, Words{"--all-users", "--user", "u1"}}) {
    expect_error(ErrorKind::usage, HasSubstr("give one of --user, --all-users and --similar-to"),
                 [&] { recommend(words); });
  }
}

}  // namespace
}  // namespace nnrec::app
