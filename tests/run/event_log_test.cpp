#include "run/event_log.hpp"

#include <cmath>
#include <map>

#include "nnrec/run/open_model.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"
#include "support/tensor_board_events.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using nlohmann::json;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

class EventLogTest : public testing::DistFixture {
 protected:
  Words logging(const Words& more = {}) const {
    Words words{"--logdir", (folder_ / "board").string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// Of the files of a variant, in their order.
  std::vector<std::vector<json>> files(const std::string& variant) const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder_ / "board" / variant))
      paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<std::vector<json>> all;
    for (const auto& path : paths) all.push_back(testing::read_events(path));
    return all;
  }
};

/// Of all scalars of a file: values by step and tag.
std::map<std::pair<std::string, std::string>, double> scalars(const std::vector<json>& events) {
  std::map<std::pair<std::string, std::string>, double> found;
  for (const json& event : events) {
    if (!event.contains("summary")) continue;
    for (const json& value : event.at("summary").at("value"))
      if (value.contains("simple_value"))
        found[{event.at("step"), value.at("tag")}] = value.at("simple_value");
  }
  return found;
}

TEST_F(EventLogTest, HasTheColumnsOfTheHistory) {
  cut_validation();
  train("run", "basic,one_layer", 2, logging());
  const auto rows = History(folder_ / "run").read();
  ASSERT_EQ(rows.size(), 4U);
  for (std::size_t first : {0U, 2U}) {
    const auto all = files(rows[first].variant);
    ASSERT_EQ(all.size(), 1U);
    auto found = scalars(all[0]);
    EXPECT_EQ(found.size(), 2U * 4) << "the test part is not looked at before the end";
    for (std::size_t i = first; i < first + 2; ++i) {
      const std::string step = std::to_string(rows[i].step);
      const auto near = [](double value) { return ::testing::DoubleNear(value, 1e-6 * value); };
      EXPECT_THAT((found[{step, "RMSE/train"}]), near(*rows[i].train_rmse));
      EXPECT_THAT((found[{step, "RMSE/validation"}]), near(*rows[i].validation_rmse));
      EXPECT_THAT((found[{step, "learning_rate"}]), near(rows[i].learning_rate));
      EXPECT_THAT(
          (found[{step, "ratings_per_second"}]),
          ::testing::DoubleNear(rows[i].ratings_per_second, 1 + 1e-6 * rows[i].ratings_per_second));
    }
  }
}

TEST_F(EventLogTest, HasTheLengthsOfTheRowsOfEachTable) {
  train("run", "basic", 1, logging());
  std::map<std::string, json> histograms;
  const auto all = files("basic");
  for (const json& event : all.at(0)) {
    if (!event.contains("summary")) continue;
    for (const json& value : event.at("summary").at("value"))
      if (value.contains("histo")) histograms[value.at("tag")] = value.at("histo");
  }
  ASSERT_EQ(histograms.size(), 2U);
  Log log = Log::silent();
  const auto source = find_model(folder_ / "run", "basic", log);
  const auto model = load_model(source, open_training_set(source, ""));
  for (const char* name : {"user", "title"}) {
    const auto& blocks = model.network.layout().blocks();
    const auto block = std::ranges::find(blocks, name, &nn::Block::name) - blocks.begin();
    const auto table = model.parameters.matrix(static_cast<std::size_t>(block));
    double most = 0;
    double squares = 0;
    for (std::size_t row = 0; row < table.rows; ++row) {
      double square = 0;
      for (std::size_t i = 0; i < table.cols; ++i)
        square += std::pow(static_cast<double>(table.row(row)[i]), 2);
      most = std::max(most, std::sqrt(square));
      squares += square;
    }
    const json& histogram = histograms.at(std::string("row_norms/") + name);
    EXPECT_EQ(histogram.at("num"), table.rows) << name;
    EXPECT_NEAR(histogram.at("max"), most, 1e-6 * most) << name;
    EXPECT_NEAR(histogram.at("sum_squares"), squares, 1e-6 * squares) << name;
  }
}

TEST_F(EventLogTest, WhatGoesOnVoidsWhatLiesBehindItsStart) {
  train("run", "basic", 2, logging());
  fs::remove(newest("run", "basic"));  // as of a machine that stopped before it was saved
  train("run", "basic", 3, logging());
  const auto all = files("basic");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at(1).at("step"), "1");
  EXPECT_EQ(all[1].at(0).at("file_version"), "brain.Event:2");
  EXPECT_EQ(all[1].at(1).at("session_log").at("status"), 1);
  EXPECT_EQ(all[1].at(1).at("step"), "6") << "an epoch has 5 steps, and one was kept";
  EXPECT_EQ(scalars(all[0]).count({"10", "RMSE/train"}), 1U);
  const auto again = scalars(all[1]);
  EXPECT_EQ(again.count({"5", "RMSE/train"}), 0U);
  EXPECT_EQ(again.count({"10", "RMSE/train"}), 1U);
  EXPECT_EQ(again.count({"15", "RMSE/test"}), 1U);
}

TEST_F(EventLogTest, ChangesNoBitAndIsWrittenByOneRank) {
  const auto alone = testing::run_dist({1, 1, arguments("alone", "one_layer", 2)});
  const auto logged = testing::run_dist({3, 1, arguments("logged", "one_layer", 2, logging())});
  EXPECT_EQ(testing::digests(alone), testing::digests(logged));
  EXPECT_EQ(files("one_layer").size(), 1U);
}

TEST_F(EventLogTest, AFolderThatCannotBeMadeStopsTheRunAndAFileThatRefusesDoesNot) {
  testing::write_file(folder_ / "file", "");
  const std::string below = (folder_ / "file" / "board").string();
  expect_error(ErrorKind::io, HasSubstr("--logdir " + below + ": cannot be made"), [&] {
    train("never", "basic", 1, {"--logdir", below});
  });
  fs::create_directory(folder_ / "board");
  for (const char* variant : {"basic", "one_layer"})
    testing::write_file(folder_ / "board" / variant, "a file where a folder is to be");
  const std::string output = train("run", "basic,one_layer", 2, logging());
  EXPECT_THAT(output, HasSubstr("--logdir: nothing more goes there: "));
  EXPECT_EQ(output.find("--logdir"), output.rfind("--logdir")) << "said once";
  EXPECT_THAT(output, HasSubstr("model digest one_layer"));
}

}  // namespace
}  // namespace nnrec::run
