#include "app/report/run_list.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/run/result.hpp"

#include "support/dist_fixture.hpp"

namespace nnrec::app {
namespace {

class RunList : public testing::DistFixture {};

TEST_F(RunList, NamesWhatIsFinishedUnfinishedAndNotBegun) {
  train("done", "basic,one_layer", 1);
  std::filesystem::create_directory(folder_ / "begun");
  std::istringstream lines(run_list({(folder_ / "done").string() + "/",
                                     (folder_ / "begun").string(), (folder_ / "never").string()}));
  const auto next_words = [&] {
    std::string line;
    std::getline(lines, line);
    std::istringstream words(line);
    return Words{std::istream_iterator<std::string>(words), {}};
  };
  next_words();  // the columns' names
  for (const char* variant : {"basic", "one_layer"}) {
    const Words words = next_words();
    ASSERT_EQ(words.size(), 6U);
    EXPECT_EQ(words[0], "done");
    EXPECT_EQ(words[1], "finished");
    EXPECT_EQ(words[2], variant);
    EXPECT_EQ(words[3], "-") << "the set has no validation part";
    EXPECT_NE(words[4], "-");
    EXPECT_EQ(words[5].size(), 64U) << "the whole digest";
  }
  EXPECT_EQ(next_words(), (Words{"begun", "unfinished"}));
  EXPECT_EQ(next_words(), (Words{"never", "not", "begun"}));
  EXPECT_EQ(next_words(), Words{});
}

TEST_F(RunList, NamesUnfinishedVariantsBesideFinishedOnes) {
  train("run", "basic,one_layer", 1);
  const auto result = folder_ / "run" / "result.json";
  testing::write_file(result, run::entries_of(testing::read_file(result), {"basic"}));
  std::string list = run_list({(folder_ / "run").string()});
  EXPECT_THAT(list,
              ::testing::ContainsRegex("\nrun +finished +basic .*\nrun +unfinished +one_layer\n"));
  std::filesystem::remove(result);
  list = run_list({(folder_ / "run").string() + "/."});
  EXPECT_THAT(list,
              ::testing::ContainsRegex("\nrun +unfinished +basic\nrun +unfinished +one_layer\n$"));
}

}  // namespace
}  // namespace nnrec::app
