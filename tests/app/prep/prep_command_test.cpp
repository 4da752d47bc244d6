#include "nnrec/app/prep_command.hpp"

#include <map>

#include <sys/stat.h>

#include "nnrec/shards/shard_set.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::app {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

/// A MovieLens 100K folder of five ratings by two users.
class PrepCommand : public ::testing::Test {
 protected:
  PrepCommand() {
    std::filesystem::create_directory(input_);
    testing::write_file(input_ / "u.data",
                        "196\t242\t3\t881250949\n22\t377\t1\t878887116\n196\t377\t5\t881250950\n"
                        "22\t242\t4\t878887117\n22\t9\t2\t878887118\n");
    testing::write_file(input_ / "u.genre", "unknown|0\nDrama|1\n");
    testing::write_file(input_ / "u.item", "242|Kolya (1996)||||0|1\n5|Caf\xE9||||1|0\n");
    testing::write_file(input_ / "a.base", "196\t242\t3\t881250949\n22\t377\t1\t878887116\n");
    testing::write_file(input_ / "a.test", "7\t242\t3\t5\n196\t242\t4\t6\n");
  }

  /// Runs the command and returns what it printed.
  std::string run(std::vector<std::string> options) {
    for (const auto* option : {"--output", "--input"}) {
      const auto& path = option == std::string("--input") ? input_ : output_;
      options.insert(options.begin(), {option, path.string()});
    }
    options.emplace_back("--allow-mismatch");
    return run_with(options);
  }
  std::string run_with(const std::vector<std::string>& options) {
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    prep_command(options, log);
    return testing::read_file(folder_ / "log");
  }
  void expect_usage_error(const std::vector<std::string>& options, const std::string& part) {
    expect_error(ErrorKind::usage, HasSubstr(part), [&] { run(options); });
    EXPECT_FALSE(std::filesystem::exists(output_));
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path input_ = folder_ / "ml";
  std::filesystem::path output_ = folder_ / "set";
};

TEST_F(PrepCommand, PrintsWhatItReadKeptSplitAndWrote) {
  const auto text = run({});
  EXPECT_THAT(text, AllOf(HasSubstr("u.item: 2 lines"), HasSubstr("Latin-1"),
                          HasSubstr("5 of 5 ratings, 2 users, 4 items, 4 titles")));
  EXPECT_THAT(text, AllOf(HasSubstr("1 have a catalogue row and 2 keep their id as title"),
                          HasSubstr("kept: 0 users, 1 items"), HasSubstr("from 1 to 5"),
                          HasSubstr("1997-11-07 to 1997-12-04")));
  EXPECT_THAT(text,
              AllOf(HasSubstr("random test_fraction=0.2 seed=42: 4 train, 0 validation, 1 test"),
                    HasSubstr("2 shards"), HasSubstr("data digest ")));
}

TEST_F(PrepCommand, ItemsAreNumberedByFirstAppearanceThenCatalogue) {
  run({"--test-fraction", "0"});
  const auto set = shards::ShardSet::open(output_);
  EXPECT_THAT(set.catalogue().user_ids, ElementsAre("196", "22"));
  EXPECT_THAT(set.catalogue().item_ids, ElementsAre("242", "377", "9", "5"));
  EXPECT_THAT(set.catalogue().titles, ElementsAre("Kolya (1996)", "377", "9", "Caf\xC3\xA9"));
  EXPECT_EQ(set.manifest().rated_item_count, 3U);
  EXPECT_EQ(set.manifest().source, "u.data u.genre u.item");
  EXPECT_THAT(testing::read_part(set, shards::Part::train).item, ElementsAre(0, 1, 1, 0, 2));
  EXPECT_EQ(set.manifest().rows(shards::Part::test), 0U);
}

TEST_F(PrepCommand, FilesSplitKeepsAPairInOnePartAndCountsColdOnes) {
  const auto text = run({"--split", "files", "--train", "a.base", "--test", "a.test"});
  const auto set = shards::ShardSet::open(output_);
  EXPECT_EQ(set.manifest().rows(shards::Part::train), 2U);
  EXPECT_EQ(set.manifest().rows(shards::Part::test), 1U);
  EXPECT_EQ(set.manifest().overlap_pairs, 0U);
  EXPECT_EQ(set.manifest().cold_users, 1U);
  EXPECT_EQ(set.manifest().split, "files train=a.base test=a.test");
  EXPECT_THAT(text, HasSubstr("cold in test: 1 of 1 users (100 %), "));
  EXPECT_THAT(text, HasSubstr("of 1 ratings (100 %): what no train row has"));
  EXPECT_THAT(text, HasSubstr("repeat a (user, item), 1 pairs: the latest is kept"));
}

TEST_F(PrepCommand, UsersWithTooFewRatingsForASplitAreCountedAndDescribedWithTheirWhole) {
  // Of users 1 to 5 the first three have one rating each.
  testing::write_file(input_ / "few.csv",
                      "user,item,rating\n1,1,3\n2,1,3\n3,2,3\n4,1,4\n4,2,4\n5,2,5\n5,9,5\n");
  const auto prepare = [&](std::vector<std::string> options) {
    std::filesystem::remove(folder_ / "log");
    options.insert(options.begin(),
                   {"--input", (input_ / "few.csv").string(), "--output", output_.string()});
    return run_with(options);
  };
  const auto alone = HasSubstr(
      "left alone by the split, with too few ratings for a test row: 3 of 5 users (60.0 %)");
  const auto cold = HasSubstr(
      "cold in test: 0 of 2 users (0.0 %), 1 of 2 items (50.0 %), 1 of 2 ratings (50.0 %)");
  EXPECT_THAT(prepare({"--split", "leave-one-out"}), AllOf(alone, cold));
  std::filesystem::remove(folder_ / "log");
  EXPECT_THAT(run_with({"--describe", output_.string()}), AllOf(alone, cold));
  // A fifth of two ratings is rounded to none.
  EXPECT_THAT(prepare({"--split", "per-user", "--test-fraction", "0.2"}),
              HasSubstr("for a test row: 5 of 5 users (100 %)"));
  EXPECT_THAT(prepare({"--split", "random"}), ::testing::Not(HasSubstr("left alone")));
}

TEST_F(PrepCommand, WithoutATestPartNothingIsCold) {
  EXPECT_THAT(run({"--test-fraction", "0"}), HasSubstr("cold in test: nothing, it has no rows; "));
}

TEST_F(PrepCommand, ShardRowsCutShards) {
  run({"--shard-rows", "2"});
  EXPECT_EQ(shards::ShardSet::open(output_).manifest().shards.size(), 3U);
}

TEST_F(PrepCommand, AllViolationsAreListedAtOnce) {
  const std::vector<std::string> options{"--test-fraction", "1",  "--shard-rows", "0",
                                         "--seed",          "-1", "--split",      "odd",
                                         "--format",        "x"};
  for (const char* part :
       {"--test-fraction 1", "--shard-rows 0", "--seed -1", "--split odd", "--format x"}) {
    expect_usage_error(options, part);
  }
  expect_usage_error({"--test-fraction", "nan"}, "--test-fraction nan");
  expect_usage_error({"--split", "files"}, "needs --train and --test");
  expect_usage_error({"--train", "a.base"}, "go with --split files");
  expect_usage_error({"--no-such"}, "--no-such");
}

TEST_F(PrepCommand, SplitOptionsThatDoNotApplyAreRefused) {
  expect_usage_error({"--fold", "2"}, "--fold goes with --split kfold");
  expect_usage_error({"--folds", "3", "--split", "time"}, "--folds goes with --split kfold");
  for (const char* split : {"leave-one-out", "kfold"}) {
    expect_usage_error({"--split", split, "--test-fraction", "0.9"}, "--test-fraction goes with");
  }
  expect_usage_error({"--split", "time", "--test-from", "5", "--test-fraction", "0.2"},
                     "--test-from and --test-fraction");
  expect_usage_error({"--split", "per-user", "--test-last", "5", "--test-fraction", "0.2"},
                     "--test-last and --test-fraction");
  expect_usage_error({"--split", "time", "--seed", "5"}, "--seed goes with");
  expect_usage_error({"--split", "leave-one-out", "--validation", "0.5"}, "--validation 0.5");
}

TEST_F(PrepCommand, AValidationPartIsAFractionOrAWholeNumber) {
  for (const char* value : {"2.7", "1e300", "inf", "nan"}) {
    expect_usage_error({"--validation", value}, "--validation");
  }
  run({"--validation", "2"});
  EXPECT_EQ(shards::ShardSet::open(output_).manifest().rows(shards::Part::validation), 2U);
}

TEST_F(PrepCommand, TooManyThreadsAreRefused) {
  expect_usage_error({"--threads", "100000"}, "--threads 100000 is not in 0..1024");
}

TEST_F(PrepCommand, OneFileCannotBothTrainAndTest) {
  expect_usage_error({"--split", "files", "--train", "a.base", "--test", "./a.base"},
                     "--train and --test name the same file");
}

TEST_F(PrepCommand, OneMissingTimeOfManyIsNamedWhereATimeSplitNeedsIt) {
  testing::write_file(input_ / "u.data", "1\t2\t3\t5\n1\t3\t3\t\n2\t3\t3\t7\n");
  expect_error(ErrorKind::input,
               AllOf(HasSubstr("u.data:2"), HasSubstr("1 of 3 ratings have no time")), [&] {
                 run({"--split", "time"});
               });
}

TEST_F(PrepCommand, ManyInputFilesFitTheManifest) {
  std::string list;
  for (int file = 0; file < 3000; ++file) {
    const auto path = folder_ / fmt::format("a-file-with-a-rather-long-name-{}.tsv", file);
    testing::write_file(path, fmt::format("{}\t1\t3\t978300000\n", file));
    list += path.string() + ",";
  }
  Log log = Log::silent();
  prep_command({"--input", list, "--output", output_.string()}, log);
  const auto manifest = shards::ShardSet::open(output_).manifest();
  EXPECT_EQ(manifest.user_count, 3000U);
  EXPECT_THAT(manifest.source, AllOf(::testing::StartsWith("a-file-with-a-rather-long-name-0.tsv "),
                                     ::testing::EndsWith(" more")));
}

TEST_F(PrepCommand, AMissingInputOptionIsNamed) {
  Log log = Log::silent();
  expect_error(ErrorKind::usage, HasSubstr("--input is missing"), [&] { prep_command({}, log); });
}

TEST_F(PrepCommand, ValuesOffTheScaleStopWithTheirPlaceAndLeaveNothing) {
  testing::write_file(input_ / "u.data", "1\t2\t3\t4\n1\t3\t41\t4\n");
  expect_error(ErrorKind::input, HasSubstr("u.data:2:3: rating = 41 is outside 1..5"),
               [&] { run({}); });
  EXPECT_FALSE(std::filesystem::exists(output_));
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".set.partial"));
}

/// Bad lines are skipped and written to a file.
class RejectedLines : public PrepCommand {
 protected:
  static constexpr const char* kBad = "1\t2\t3\t4\n1\t3\tbad\t4\n2\t3\t3\t4\n";

  RejectedLines() { testing::write_file(input_ / "u.data", kBad); }

  std::string skip(const std::filesystem::path& reject_file) {
    return run(
        {"--on-bad-line", "skip", "--max-bad", "50%", "--reject-file", reject_file.string()});
  }
  /// Refused before anything is written: `reject_file` stays as it is.
  void expect_refused(const std::filesystem::path& reject_file, ErrorKind kind,
                      const std::string& part) {
    const bool is_file = std::filesystem::is_regular_file(reject_file);
    const auto before = is_file ? testing::read_file(reject_file) : "";
    expect_error(kind, AllOf(HasSubstr("--reject-file"), HasSubstr(part)),
                 [&] { skip(reject_file); });
    EXPECT_EQ(is_file ? testing::read_file(reject_file) : "", before);
  }
};

TEST_F(RejectedLines, AreWrittenWithTheirPlaceAndReplaceThoseOfAnEarlierRun) {
  for (int runs = 0; runs < 2; ++runs) {
    EXPECT_THAT(skip(folder_ / "rejects"), HasSubstr("1 of 3 lines (33.3 %) are bad: skipped"));
    EXPECT_THAT(testing::read_file(folder_ / "rejects"),
                AllOf(HasSubstr("u.data:2:3: rating"), ::testing::EndsWith("\t1\t3\tbad\t4\n")));
  }
  testing::write_file(input_ / "u.data", "1\t2\t3\t4\n2\t2\t3\t4\n");
  skip(folder_ / "rejects");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "rejects"));
}

TEST_F(RejectedLines, AndOtherRepairsChangeNoByteOfASetWhereverItsSourceLies) {
  const auto prepare = [&](const std::string& place, const std::string& lines) {
    input_ = folder_ / place / "ml";
    output_ = folder_ / place / "set";
    if (!std::filesystem::exists(input_)) {
      std::filesystem::create_directories(folder_ / place);
      std::filesystem::copy(folder_ / "ml", input_);
    }
    testing::write_file(input_ / "u.data", lines);
    const auto text = run({"--on-bad-line", "skip", "--max-bad", "50%", "--duplicates", "first",
                           "--reject-file", (folder_ / place / "rejects").string()});
    EXPECT_THAT(text, HasSubstr("the bad lines are in " + (folder_ / place / "rejects").string()));
    return shards::ShardSet::open(output_).manifest();
  };
  const auto lines = std::string(kBad) + "1\t2\t5\t9\n";
  const auto here = prepare("here", lines);
  const auto there = prepare("some/other/place", lines);
  EXPECT_EQ(here.rules, there.rules);
  EXPECT_THAT(here.rules, AllOf(HasSubstr("1 of 4 lines (25.0 %) are bad: skipped"),
                                HasSubstr("repeat a (user, item)")));
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "here/set")) {
    const auto other = folder_ / "some/other/place/set" / entry.path().filename();
    EXPECT_TRUE(testing::read_file(entry.path()) == testing::read_file(other)) << other;
  }
  EXPECT_EQ(here.digest, there.digest);
  testing::write_file(input_ / "u.data", "1\t2\t3\t4\n2\t3\t3\t4\n");
  run({});
  EXPECT_EQ(shards::ShardSet::open(output_).manifest().digest, here.digest) << "no repair";
}

TEST_F(RejectedLines, NeverTakeThePlaceOfAnInput) {
  expect_refused(input_ / "u.data", ErrorKind::usage, "is an input");
  std::filesystem::create_hard_link(input_ / "u.data", folder_ / "linked");
  expect_refused(folder_ / "linked", ErrorKind::usage, "is an input");
  // Rejected lines may be an input themselves, also under the name they have by default.
  skip(folder_ / "set.rejected.txt");
  const auto rejected = testing::read_file(folder_ / "set.rejected.txt");
  Log log = Log::silent();
  expect_error(ErrorKind::usage, HasSubstr("is an input"), [&] {
    prep_command({"--input", (folder_ / "set.rejected.txt").string(), "--output", output_.string(),
                  "--on-bad-line", "skip"},
                 log);
  });
  EXPECT_EQ(testing::read_file(folder_ / "set.rejected.txt"), rejected);
}

TEST_F(RejectedLines, NeverTakeThePlaceOfAnotherFile) {
  testing::write_file(folder_ / "keep.txt", "kept");
  expect_refused(folder_ / "keep.txt", ErrorKind::input, "exists and holds no rejected lines");
  testing::write_file(folder_ / "empty.txt", "");
  expect_refused(folder_ / "empty.txt", ErrorKind::input, "exists and holds no rejected lines");
  expect_refused(folder_.path(), ErrorKind::usage, "is not a regular file");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  expect_refused(folder_ / "pipe", ErrorKind::usage, "is not a regular file");
  expect_refused(folder_ / "none/rejects", ErrorKind::usage, "no folder");
  EXPECT_FALSE(std::filesystem::exists(output_));
}

TEST_F(RejectedLines, NeverLieInTheOutput) {
  run({"--on-bad-line", "skip", "--max-bad", "50%"});
  const auto manifest = testing::read_file(output_ / "manifest.h5");
  for (const char* name : {"manifest.h5", "rejects", "../set/rejects"}) {
    expect_refused(output_ / name, ErrorKind::usage, "lies in --output");
  }
  EXPECT_EQ(testing::read_file(output_ / "manifest.h5"), manifest);
}

TEST_F(RejectedLines, AFileForThemNeedsSkip) {
  expect_usage_error({"--reject-file", "rejects"}, "--reject-file goes with --on-bad-line skip");
}

TEST_F(RejectedLines, StayAwayWhenTheRunStops) {
  testing::write_file(input_ / "u.data", std::string(kBad) + "5\t5\t17\t4\n");
  expect_error(ErrorKind::input, HasSubstr("u.data:4:3"), [&] { skip(folder_ / "rejects"); });
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_THAT(entry.path().filename().string(), ::testing::AnyOf("ml", "log"));
  }
}

TEST_F(PrepCommand, TwoRolesForOneColumnAreRefused) {
  expect_usage_error({"--columns", "user=1,item=1,rating=3"}, "user and item are both column 1");
  expect_usage_error({"--columns", "user=1,item=2,rating=3,time=3"},
                     "rating and time are both column 3");
  expect_usage_error({"--columns", "user=1,item=2,rating=3,item=4"}, "item is named twice");
}

TEST_F(PrepCommand, ABadFirstLineIsNoHeader) {
  testing::write_file(input_ / "bad.csv",
                      "1,10,N/A,978300000\n1,11,4,978300001\n2,11,3,978300002\n");
  Log log = Log::silent();
  expect_error(ErrorKind::input, HasSubstr("bad.csv:1:3: rating"), [&] {
    prep_command({"--input", (input_ / "bad.csv").string(), "--output", output_.string()}, log);
  });
}

/// The bytes of all files of a set, by name.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename()] = testing::read_file(entry.path());
  }
  return files;
}

TEST_F(PrepCommand, AnyNumberOfThreadsGivesTheSameBytes) {
  // Several blocks, ids new in each of them, repeated pairs, times out of order.
  std::string text;
  for (std::uint64_t row = 0; row < 200'000; ++row) {
    text += fmt::format("{}\t{}\t{}\t{}\n", row * 7919 % (1000 + row / 50), row * 104'729 % 30'011,
                        1 + row % 5, 880'000'000 + row * 31 % 1'000'003);
  }
  testing::write_file(input_ / "u.data", text);
  const auto with = [&](const char* threads) {
    run({"--threads", threads, "--validation", "0.1", "--shard-rows", "70000"});
    return files_of(output_);
  };
  const auto one = with("1");
  EXPECT_EQ(with("1"), one);
  EXPECT_EQ(with("2"), one);
  EXPECT_EQ(with("3"), one);
}

TEST_F(PrepCommand, MillisecondsAreRecognisedAndMixedUnitsRefused) {
  testing::write_file(input_ / "u.data", "1\t2\t3\t978300000123\n1\t3\t3\t978300001999\n");
  EXPECT_THAT(run({"--test-fraction", "0"}), HasSubstr("2 of 2 times (100 %) are in milliseconds"));
  EXPECT_THAT(testing::read_part(shards::ShardSet::open(output_), shards::Part::train).timestamp,
              ElementsAre(978'300'000, 978'300'001));
  testing::write_file(input_ / "u.data", "1\t2\t3\t978300000123\n1\t3\t3\t978300001\n");
  expect_error(ErrorKind::input, AllOf(HasSubstr("u.data:1"), HasSubstr("u.data:2")),
               [&] { run({}); });
}

TEST_F(PrepCommand, SeveralFilesAreOneDataSet) {
  const auto list = (input_ / "a.base").string() + "," + (input_ / "a.test").string();
  Log log = Log::silent();
  prep_command(
      {"--input", list, "--output", output_.string(), "--test-fraction", "0", "--allow-mismatch"},
      log);
  EXPECT_EQ(shards::ShardSet::open(output_).manifest().rows(shards::Part::train), 3U);
}

TEST_F(PrepCommand, DescribePrintsAnExistingSet) {
  run({});
  Log log = Log::silent();
  log.open_file(folder_ / "description");
  prep_command({"--describe", output_.string()}, log);
  EXPECT_THAT(testing::read_file(folder_ / "description"),
              AllOf(HasSubstr("5 ratings, 2 users"), HasSubstr("density 83.3333 %"),
                    HasSubstr("median 2"), HasSubstr("scale  1..5"), HasSubstr("data digest ")));
}

TEST_F(PrepCommand, WithoutCatalogueTheShardsHaveTheSameUsersItemsAndRatings) {
  run({});
  const auto with = testing::read_part(shards::ShardSet::open(output_), shards::Part::train);
  std::filesystem::remove(input_ / "u.item");
  run({});
  const auto without = testing::read_part(shards::ShardSet::open(output_), shards::Part::train);
  EXPECT_EQ(with.user, without.user);
  EXPECT_EQ(with.item, without.item);
  EXPECT_EQ(with.rating, without.rating);
}

TEST_F(PrepCommand, OptionsThatNothingReadsAreRefused) {
  run({});
  for (const auto& option : {"--output=other", "--scale=1:9", "--input=x", "--strict"}) {
    const std::string name = std::string(option).substr(0, std::string(option).find('='));
    expect_error(ErrorKind::usage,
                 AllOf(HasSubstr("--describe prints what a set holds"), HasSubstr(name)), [&] {
                   run_with({"--describe", output_.string(), option});
                 });
  }
  std::filesystem::remove_all(output_);
  expect_usage_error({"--max-bad", "5%"}, "--max-bad goes with --on-bad-line skip");
}

TEST_F(PrepCommand, ARuleForWhatIsOffTheScaleNeedsAScale) {
  testing::write_file(folder_ / "plain.csv", "user,item,rating\n1,2,3\n1,3,4\n2,2,9\n");
  for (const char* rule : {"drop", "clip"}) {
    const auto refused = [&] {
      run_with({"--input", (folder_ / "plain.csv").string(), "--output", output_.string(),
                "--out-of-range", rule});
    };
    expect_error(ErrorKind::usage,
                 AllOf(HasSubstr(std::string("--out-of-range ") + rule + " needs a scale"),
                       HasSubstr("--scale lo:hi")),
                 refused);
    EXPECT_FALSE(std::filesystem::exists(output_));
  }
}

TEST_F(PrepCommand, AScaleAndMissingValuesAreNumbers) {
  for (const char* scale : {"1:inf", "-inf:5", "nan:5", "1:nan"})
    expect_usage_error({"--scale", scale}, "is not lo:hi, two numbers with lo < hi");
  for (const char* values : {"inf", "0,nan"})
    expect_usage_error({"--missing", values}, "is not a number, or several");
}

}  // namespace
}  // namespace nnrec::app
