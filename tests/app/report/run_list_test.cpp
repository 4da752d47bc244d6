#include "app/report/run_list.hpp"

#include <sstream>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace nnrec::app
