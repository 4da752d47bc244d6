#include "nnrec/app/synth_command.hpp"

#include <map>

#include "nnrec/shards/shard_set.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::app {
namespace {

namespace fs = std::filesystem;
using nnrec::testing::expect_error;
using nnrec::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string run(std::vector<std::string> arguments) {
  const TemporaryFolder folder;
  Log log = Log::silent();
  log.open_file(folder / "log");
  for (const auto* word : {"--users", "50", "--items", "40", "--ratings", "1000"})
    arguments.emplace_back(word);
  synth_command(arguments, log);
  return nnrec::testing::read_file(folder / "log");
}

TEST(SynthCommand, EveryFormatIsWrittenAndItsNoiseFloorPrinted) {
  const std::map<std::string, std::string> files{{"ml-100k", "u.data"},
                                                 {"ml-1m", "users.dat"},
                                                 {"csv", "movies.csv"},
                                                 {"movietweetings", "movies.dat"},
                                                 {"shards", "manifest.h5"}};
  for (const auto& [format, file] : files) {
    const TemporaryFolder folder;
    const auto output = (folder / "a").string();
    EXPECT_THAT(run({"--output", output, "--format", format}),
                AllOf(HasSubstr("1000 ratings of 50 users"), HasSubstr("noise floor: RMSE ")));
    EXPECT_TRUE(fs::exists(folder / "a" / file)) << format;
  }
}

TEST(SynthCommand, ShardOptionsReachTheShards) {
  const TemporaryFolder folder;
  run({"--output", (folder / "a").string(), "--format", "shards", "--scale", "0:10",
       "--test-fraction", "0.5", "--split-seed", "9", "--shard-rows", "100"});
  const auto manifest = shards::ShardSet::open(folder / "a").manifest();
  EXPECT_EQ(manifest.split, "random test_fraction=0.5 seed=9");
  EXPECT_EQ(manifest.shards.size(), 10U);
  EXPECT_EQ(manifest.rows(shards::Part::test), 500U);
  EXPECT_EQ(manifest.rating_min, 0);
  EXPECT_EQ(manifest.rating_max, 10);
}

TEST(SynthCommand, NumbersThatMakeNoDataSetAreWrongOptions) {
  const auto refuses = [](const char* option, const char* value, const std::string& message) {
    Log log = Log::silent();
    expect_error(ErrorKind::usage, HasSubstr(message), [&] {
      synth_command({"--output", "/nonexistent/a", option, value}, log);
    });
  };
  refuses("--ratings", "0", "--ratings 0 is not at least 1");
  refuses("--users", "0", "--users 0");
  refuses("--items", "0", "--items 0");
}

TEST(SynthCommand, WrongOptionsAreRefusedWithWhatIsRight) {
  const auto refuses = [](const std::vector<std::string>& arguments, const std::string& message) {
    auto all = arguments;
    all.insert(all.end(), {"--output", "/nonexistent/a"});
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { run(all); });
  };
  refuses({"--format", "xml"}, "ml-100k, ml-1m, csv, movietweetings, shards");
  refuses({"--scale", "0:10"}, "--format ml-100k: --scale 0:10 is not one of auto, 1:5");
  refuses({"--test-fraction", "1"}, "is not in [0, 1)");
  refuses({"--threads", "100000"}, "--threads");
  refuses({"--seed", "-1"}, "--seed -1 is negative");
  refuses({"--format", "shards", "--shard-rows", "0"}, "--shard-rows");
}

TEST(SynthCommand, OptionsOfShardsAreRefusedForTexts) {
  for (const char* option : {"--test-fraction", "--split-seed", "--shard-rows"}) {
    Log log = Log::silent();
    const auto refuses = [&] { synth_command({"--output", "/nonexistent/a", option, "1"}, log); };
    expect_error(ErrorKind::usage, HasSubstr(std::string(option) + " goes with --format shards"),
                 refuses);
  }
}

}  // namespace
}  // namespace nnrec::app
