#include "app/options/command_line.hpp"

#include <gtest/gtest.h>

#include "app/options/option_values.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::app {
namespace {
using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

/// A program with the options --batch and --dropout, a file of options, and bare words.
class SampleLine : public ::testing::Test {
 protected:
  SampleLine() {
    line_.add("batch", semantic_of(batch_), "rows");
    line_.add("dropout", semantic_of(dropout_), "rate");
    line_.add("word", semantic_of(words_), "bare words");
    line_.positional("word");
    line_.allow_config();
  }
  std::optional<std::set<std::string>> parse(const std::vector<std::string>& arguments) {
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    return line_.parse(arguments, log);
  }

  testing::TemporaryFolder folder_;
  CommandLine line_{"sample", "A sample."};
  std::int64_t batch_ = 64;
  double dropout_ = 0;
  std::vector<std::string> words_;
};

TEST_F(SampleLine, ReturnsTheNamesThatWereGiven) {
  EXPECT_EQ(parse({"--batch", "3", "a", "b"}), (std::set<std::string>{"batch", "word"}));
  EXPECT_EQ(batch_, 3);
  EXPECT_EQ(words_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SampleLine, AnOptionIsNoOthersValueUnlessItIsMeant) {
  for (const char* word : {"--help", "--version", "--dropout"}) {
    expect_error(ErrorKind::usage,
                 HasSubstr(std::string("--word is given without a value: ") + word +
                           " behind it is an option"),
                 [&] {
                   parse({"--word", word});
                 });
  }
  EXPECT_TRUE(parse({"--word=--help", "--dropout", "-0.5"}));
  EXPECT_EQ(words_, std::vector<std::string>{"--help"});
  EXPECT_EQ(dropout_, -0.5);
}

TEST_F(SampleLine, OfWordsWhereOneMayStandTheSecondIsNamedBesideItsOption) {
  std::string run;
  CommandLine line("sample", "A sample.");
  line.add("run", semantic_of(run), "one word");
  line.add("word", semantic_of(words_), "a list");
  line.positional("run");
  Log log = Log::silent();
  line.parse({"--word", "a", "runs/a", "--word", "b"}, log);
  EXPECT_EQ(run, "runs/a");
  expect_error(ErrorKind::usage,
               HasSubstr("b: what has no option in front of it is --run, and there is one already; "
                         "give --word once for each: --word b"),
               [&] {
                 line.parse({"runs/a", "--word", "a", "b"}, log);
               });
  expect_error(ErrorKind::usage, HasSubstr("there is one already"), [&] {
    line.parse({"runs/a", "runs/b"}, log);
  });
}

TEST_F(SampleLine, TheCommandLineWinsOverTheFile) {
  testing::write_file(folder_ / "a.cfg", "batch = 5\ndropout = 0.5\n");
  parse({"--config", (folder_ / "a.cfg").string(), "--batch", "7"});
  EXPECT_EQ(batch_, 7);
  EXPECT_EQ(dropout_, 0.5);
}

TEST_F(SampleLine, AFileMayBeginWithAByteOrderMarkAndEndItsLinesAsWindowsDoes) {
  testing::write_file(folder_ / "a.cfg",
                      "\xEF\xBB\xBF"
                      "batch = 5\r\ndropout = 0.5\r\n");
  parse({"--config", (folder_ / "a.cfg").string()});
  EXPECT_EQ(batch_, 5);
  EXPECT_EQ(dropout_, 0.5);
}

TEST_F(SampleLine, APresetIsAskedWithTheOptionsAndSaysWhatTheyDoNot) {
  Log log = Log::silent();
  const auto given = line_.parse({"--batch", "7"}, log, [&] {
    EXPECT_EQ(batch_, 7);
    return std::string("batch = 5\ndropout = 0.25\n");
  });
  EXPECT_EQ(given, std::set<std::string>{"batch"});
  EXPECT_EQ(batch_, 7);
  EXPECT_EQ(dropout_, 0.25);
}

TEST_F(SampleLine, AValueThatIsEmptyIsNotTakenForNone) {
  expect_error(ErrorKind::usage, HasSubstr("--config is given without a value"), [&] {
    parse({"--config", ""});
  });
  expect_error(ErrorKind::usage, HasSubstr("an argument is given without a value"), [&] {
    parse({"a", ""});
  });
  testing::write_file(folder_ / "a.cfg", "dropout = 0.5\nbatch =  # of the script\n");
  expect_error(ErrorKind::usage, HasSubstr("a.cfg: batch is given without a value"), [&] {
    parse({"--config", (folder_ / "a.cfg").string()});
  });
}

// To go on with defaults would do something else than was asked for.
TEST_F(SampleLine, AFileThatSetsNoOptionIsRefused) {
  for (const char* text : {"", "\n# batch = 5\n"}) {
    testing::write_file(folder_ / "a.cfg", text);
    expect_error(ErrorKind::usage, HasSubstr("a.cfg: sets no option"), [&] {
      parse({"--config", (folder_ / "a.cfg").string()});
    });
  }
  expect_error(ErrorKind::usage, HasSubstr("--config /dev/null: sets no option"), [&] {
    parse({"--config", "/dev/null"});
  });
}

TEST_F(SampleLine, AFileOfOptionsNamesNoOther) {
  testing::write_file(folder_ / "a.cfg", "config = b.cfg\n");
  expect_error(ErrorKind::usage, HasSubstr("config = b.cfg: a file of options names no other"),
               [&] {
                 parse({"--config", (folder_ / "a.cfg").string()});
               });
}

TEST_F(SampleLine, HelpAndVersionArePrintedAndNothingElseHappens) {
  EXPECT_EQ(parse({"--help"}), std::nullopt);
  EXPECT_EQ(parse({"--version", "--batch", "3"}), std::nullopt);
  EXPECT_THAT(testing::read_file(folder_ / "log"),
              AllOf(HasSubstr("A sample.\n\nOptions:"), HasSubstr("sample 0."),
                    HasSubstr("\ncompiler = "), HasSubstr("\nhdf5 = 1.")));
}

TEST_F(SampleLine, PagesForInstallersHaveEveryOption) {
  EXPECT_FALSE(parse({"--help-man"}));
  EXPECT_THAT(testing::read_file(folder_ / "log"),
              AllOf(HasSubstr(".TH sample 1 "), HasSubstr(".SH NAME\nsample \\- "),
                    HasSubstr("\n.B \\-\\-batch "), HasSubstr("\n.B \\-\\-help ")));
  EXPECT_FALSE(parse({"--help-bash"}));
  EXPECT_THAT(testing::read_file(folder_ / "log"),
              AllOf(HasSubstr(" --batch"), HasSubstr("complete -o default -F _sample sample")));
  EXPECT_FALSE(parse({"--help"}));
  EXPECT_THAT(testing::read_file(folder_ / "log"), Not(HasSubstr("--help-man")));
}

TEST_F(SampleLine, AnUnknownOptionNamesTheNearest) {
  expect_error(ErrorKind::usage, HasSubstr("'--btach' (did you mean --batch?). See sample --help."),
               [&] {
                 parse({"--btach", "3"});
               });
  expect_error(ErrorKind::usage, Not(HasSubstr("did you mean")), [&] { parse({"--xyzzy", "3"}); });
  testing::write_file(folder_ / "a.cfg", "drop-out = 0.1\n");
  expect_error(ErrorKind::usage, AllOf(HasSubstr("a.cfg: "), HasSubstr("did you mean --dropout?")),
               [&] {
                 parse({"--config", (folder_ / "a.cfg").string()});
               });
}

TEST_F(SampleLine, ANumberThatIsNoneSaysWhichKindIsWanted) {
  expect_error(ErrorKind::usage,
               HasSubstr("('ten') for option '--batch' is invalid: it takes a whole number. See"),
               [&] {
                 parse({"--batch", "ten"});
               });
  expect_error(ErrorKind::usage, HasSubstr("is invalid: it takes a number, as 0.05. See"), [&] {
    parse({"--dropout", "0,1"});
  });
  testing::write_file(folder_ / "a.cfg", "batch = 1.5\n");
  expect_error(ErrorKind::usage,
               AllOf(HasSubstr("a.cfg: "), HasSubstr("is invalid: it takes a whole number")), [&] {
                 parse({"--config", (folder_ / "a.cfg").string()});
               });
}

TEST_F(SampleLine, AShortenedNameIsNotGuessed) {
  expect_error(ErrorKind::usage, HasSubstr("did you mean --dropout?"), [&] {
    parse({"--drop", "0.5"});
  });
}

}  // namespace
}  // namespace nnrec::app
