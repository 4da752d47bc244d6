#include "run/json_log.hpp"

#include <sstream>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

class JsonLogTest : public testing::DistFixture {
 protected:
  std::vector<json> events(const std::string& name) const {
    std::istringstream text(testing::read_file(folder_ / name));
    std::vector<json> all;
    for (std::string line; std::getline(text, line);) all.push_back(json::parse(line));
    return all;
  }
};

TEST_F(JsonLogTest, HasWhatTheHistoryAndTheResultHave) {
  train("run", "basic", 2, {"--json-log", (folder_ / "events").string()});
  std::vector<json> all;
  std::vector<json> saves;  // the first may end before or behind the second epoch
  std::vector<std::string> names;
  for (const json& event : events("events")) {
    if (event.at("event") == "save") {
      saves.push_back(event);
    } else {
      all.push_back(event);
      names.push_back(event.at("event"));
    }
  }
  EXPECT_THAT(names, ElementsAre("start", "begin", "epoch", "epoch", "end", "run"));
  const auto rows = History(folder_ / "run").read();
  constexpr double kDigitsOfHistory = 1e-6;
  EXPECT_NEAR(all[2].at("test_rmse"), *rows[0].test_rmse, kDigitsOfHistory);
  EXPECT_NEAR(all[3].at("train_rmse"), *rows[1].train_rmse, kDigitsOfHistory);
  EXPECT_TRUE(all[2].at("validation_rmse").is_null());
  ASSERT_EQ(saves.size(), 2U);
  EXPECT_LT(saves[0].at("step"), saves[1].at("step"));
  EXPECT_EQ(saves[1].at("path"), newest("run", "basic").string());
  const json result = json::parse(testing::read_file(folder_ / "run" / "result.json"));
  EXPECT_EQ(all[4].at("model_digest"), result.at("variants").at(0).at("model_digest"));
  EXPECT_EQ(all[5].at("end"), "done");
  train("run", "basic", 3, {"--json-log", (folder_ / "events").string()});
  EXPECT_EQ(events("events").size(), 14U) << "what goes on is appended";
}

TEST_F(JsonLogTest, SaysOfAStopBeforeAVariantBeganToo) {
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("before basic began"), [&] {
    testing::run_dist(
        {1, 1, arguments("run", "basic", 1, {"--json-log", (folder_ / "events").string()})},
        signals);
  });
  EXPECT_EQ(events("events").back().at("end"), "stopped");
}

TEST_F(JsonLogTest, ALineThatWasCutStaysByItself) {
  testing::write_file(folder_ / "events", "{\"event\":\"ru");
  train("run", "basic", 1, {"--json-log", (folder_ / "events").string()});
  EXPECT_THAT(testing::read_file(folder_ / "events"),
              ::testing::StartsWith("{\"event\":\"ru\n{\"event\":\"start\","));
}

// The pipe is full from the beginning, and whoever should read it sleeps.
TEST_F(JsonLogTest, AReaderWhoPausesHoldsNoStopBack) {
  const std::filesystem::path pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int sleeps = open(pipe.c_str(), O_RDWR);
  const int size = fcntl(sleeps, F_SETPIPE_SZ, 4096);
  const std::string full(static_cast<std::size_t>(size), '-');
  ASSERT_EQ(write(sleeps, full.data(), full.size()), size);
  const StopSignals signals;
  raise(SIGTERM);
  expect_error(ErrorKind::interrupted, HasSubstr("before basic began"), [&] {
    testing::run_dist({1, 1, arguments("run", "basic", 1, {"--json-log", pipe.string()})}, signals);
  });
  EXPECT_THAT(testing::read_file(folder_ / "run/log.txt"),
              HasSubstr("pipe: cannot be written (its reader takes no more)"));
  close(sleeps);
}

TEST_F(JsonLogTest, AFileThatCannotBeOpenedIsNamedAndADiskThatIsFullEndsNothing) {
  expect_error(ErrorKind::io, HasSubstr("--json-log /nowhere/at/all: there is no folder"), [&] {
    train("run", "basic", 1, {"--json-log", "/nowhere/at/all"});
  });
  const std::string output = train("full", "basic", 1, {"--json-log", "/dev/full"});
  EXPECT_THAT(output, HasSubstr("--json-log /dev/full: cannot be written"));
  EXPECT_THAT(output, HasSubstr("model digest basic"));
}

}  // namespace
}  // namespace nnrec::run
