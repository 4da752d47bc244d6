#include "run/run_times.hpp"

#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"
#include "support/read_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/thread_communicator.hpp"

namespace nnrec::run {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(PhaseTable, NamesTheSlowestRankOfEachPhaseThatTookTime) {
  for (const int size : {1, 2, 3, 4, 8}) {
    test::run_ranks(size, [&](comm::Communicator& ranks) {
      train::PhaseClock clock;
      const bool is_slow = ranks.rank() == size - 1;
      std::this_thread::sleep_for(std::chrono::milliseconds(is_slow ? 60 : 1));
      clock.end(train::Phase::compute, 1);
      const std::string table = phase_table(ranks, clock);
      EXPECT_THAT(table, HasSubstr("compute"));
      EXPECT_THAT(table, HasSubstr("100.0 %"));
      EXPECT_THAT(table, ::testing::EndsWith(fmt::format(" {}", size - 1)));
      EXPECT_THAT(table, Not(HasSubstr("transfer")));
      const auto all = ranks.gather_all(table);
      EXPECT_EQ(std::set(all.begin(), all.end()).size(), 1U) << "one text on all ranks";
    });
  }
}

class TraceOfRun : public testing::DistFixture {};

TEST_F(TraceOfRun, HasARowARankAndNoSliceOverAnother) {
  const auto file = folder_ / "trace.json";
  testing::run_dist({3, 2, arguments("run", "basic,one_layer", 2, {"--trace", file.string()})});
  const auto events = nlohmann::json::parse(testing::read_file(file)).at("traceEvents");
  std::map<int, double> ends;
  std::map<int, std::set<std::string>> phases;
  std::set<std::string> variants;
  for (const auto& event : events) {
    if (event.at("ph") != "X") continue;
    const int rank = event.at("tid");
    const double begin = event.at("ts");
    EXPECT_GE(begin, ends[rank] - 0.01) << event;
    ends[rank] = begin + event.at("dur").get<double>();
    phases[rank].insert(event.at("name"));
    variants.insert(event.at("args").at("variant"));
  }
  EXPECT_EQ(variants, (std::set<std::string>{"basic", "one_layer"}));
  ASSERT_EQ(phases.size(), 3U);
  for (const auto& [rank, names] : phases) {
    EXPECT_THAT(names, ::testing::IsSupersetOf(
                           {"plan", "compute", "sum", "wait", "update", "evaluate", "save"}))
        << rank;
  }
}

TEST_F(TraceOfRun, HasWhatWasDoneUntilARunWasStopped) {
  const auto file = folder_ / "trace.json";
  const StopSignals signals;
  std::thread sender([&] {
    while (saved_steps("run", "basic").empty()) std::this_thread::yield();
    raise(SIGUSR1);
  });
  testing::expect_error(ErrorKind::interrupted, HasSubstr("basic is saved at step"), [&] {
    testing::run_dist({2, 1, arguments("run", "basic", 1000000, {"--trace", file.string()})},
                      signals);
  });
  sender.join();
  EXPECT_THAT(testing::read_file(file), HasSubstr("\"name\":\"update\""));
}

TEST_F(TraceOfRun, AFileThatCannotBeWrittenIsNamedBeforeAnythingIsTrained) {
  testing::expect_error(ErrorKind::io, HasSubstr("nowhere/trace.json"), [&] {
    testing::run_dist(
        {2, 1,
         arguments("run", "basic", 1, {"--trace", (folder_ / "nowhere/trace.json").string()})});
  });
  EXPECT_TRUE(saved_steps("run", "basic").empty());
}

TEST(TraceFile, ARefusalAtTheEndOfTrainingIsAWarning) {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "traces");
  test::run_ranks(2, [&](comm::Communicator& ranks) {
    Log log = Log::silent();
    if (ranks.rank() == 0) log.open_file(folder / "log.txt");
    Trace trace(folder / "traces/trace.json", ranks, log);
    if (ranks.rank() == 0) std::filesystem::remove_all(folder / "traces");
    ranks.barrier();
    EXPECT_EQ(trace.add(ranks, "basic", train::PhaseClock()), 0U);
  });
  EXPECT_THAT(testing::read_file(folder / "log.txt"),
              ::testing::AllOf(HasSubstr("warning: --trace"), HasSubstr("traces/trace.json")));
}

}  // namespace
}  // namespace nnrec::run
