#include "nnrec/app/predict_command.hpp"

#include <array>
#include <cmath>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/run/result.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;

const std::filesystem::path kCases = NNREC_SOURCE_DIR "/tests/cases";

class PredictCommand : public testing::Answering {
 protected:
  std::string predict(const std::string& run, const std::string& pairs, Words more = {}) const {
    more.insert(more.begin(), {path(run), "--pairs", file("pairs", pairs)});
    return ask(predict_command, more);
  }
  void expect_the_error_of_training(const Words& options) const;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void PredictCommand::expect_the_error_of_training(const Words& options) const {
  train("run", "one_layer", 2, options);
  const auto set = shards::ShardSet::open(folder_ / "set");
  const auto test = testing::read_part(set, shards::Part::test);
  std::string pairs;
  for (std::size_t row = 0; row < test.user.size(); ++row) {
    pairs += fmt::format("{},{}\n", set.catalogue().user_ids[test.user[row]],
                         set.catalogue().item_ids[test.item[row]]);
  }
  const auto answers = lines_of(predict("run", pairs));
  ASSERT_EQ(answers.size(), 80U);
  double squares = 0;
  for (std::size_t row = 0; row < answers.size(); ++row) {
    std::istringstream line(answers[row]);
    std::string field;
    for (int column = 0; column < 3; ++column) std::getline(line, field, ',');
    const double error = std::stod(field) - static_cast<double>(test.rating[row]);
    squares += error * error;
    EXPECT_TRUE(answers[row].ends_with(",warm")) << answers[row];
  }
  const auto ends = run::read_result(folder_ / "run");
  EXPECT_NEAR(std::sqrt(squares / 80), ends->variants.at(0).test->rmse, 1e-6);
}

TEST_F(PredictCommand, TheTestPartsErrorIsThatOfTraining) {
  expect_the_error_of_training({});
}

TEST_F(PredictCommand, ATunedModelAnswersWithItsBiasesAndItsMean) {
  expect_the_error_of_training({"--preset", "tuned"});
}

TEST_F(PredictCommand, B03SevenPairsAreSevenAnswersOnAnyNumberOfThreads) {
  prepare(kCases / "B03/train.tsv");
  train("run", "basic", 1);
  std::string pairs;
  for (const std::string& line : lines_of(testing::read_file(kCases / "B03/test7.tsv")))
    pairs += line.substr(0, line.find('\t', line.find('\t') + 1)) + "\n";
  const auto asked = lines_of(pairs);
  const auto one = lines_of(predict("run", pairs, {"--threads", "1"}));
  ASSERT_EQ(one.size(), 7U);
  for (std::size_t line = 0; line < one.size(); ++line)
    EXPECT_TRUE(one[line].starts_with(asked[line] + "\t")) << one[line];
  for (const char* threads : {"2", "3", "4", "8"})
    EXPECT_EQ(lines_of(predict("run", pairs, {"--threads", threads})), one) << threads;
  EXPECT_THAT(log(), HasSubstr("7 pairs in"));
}

// G01. The ratings' mean is 3.625; user 2 gave 5 and 4; item 1 got 5 and 5.
TEST_F(PredictCommand, G01UnknownIdsAreAnsweredByMeansAndMarked) {
  prepare(kCases / "G01/train.tsv");
  train("run", "basic", 1);
  const std::string pairs = testing::read_file(kCases / "G01/pairs.tsv");
  const auto answers = lines_of(predict("run", pairs));
  ASSERT_EQ(answers.size(), 5U);
  EXPECT_TRUE(answers[0].starts_with("1\t5\t") && answers[0].ends_with("\twarm")) << answers[0];
  EXPECT_EQ(answers[1], "999999\t1\t5\tcold_user");
  EXPECT_EQ(answers[2], "2\t888888\t4.5\tcold_item");
  EXPECT_EQ(answers[3], "999999\t888888\t3.625\tcold_both");
  EXPECT_TRUE(answers[4].starts_with("3\t1\t") && answers[4].ends_with("\twarm")) << answers[4];
  EXPECT_THAT(log(), HasSubstr("3 cold and answered by means: 1 of users, 1 of items, 1 of both"));

  expect_error(ErrorKind::input, HasSubstr("pairs:2: user 999999, item 1: cold_user"),
               [&] { predict("run", pairs, {"--strict"}); });
}

TEST_F(PredictCommand, T38IdsThatAreWrittenInAnotherWayAreDoubted) {
  train("run", "basic", 1);
  predict("run", "1.0,i1\n2.0,i2\n");
  EXPECT_THAT(log(), HasSubstr("training knows no user of the pairs; it writes users as u"));
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("no item of the pairs")));
}

TEST_F(PredictCommand, AFirstLineOfWhichNothingIsKnownIsDoubted) {
  train("run", "basic", 1);
  predict("run", "who,what\nu1,i1\n");
  EXPECT_THAT(log(), HasSubstr("nothing of the first line is known: if it is a header"));
}

TEST_F(PredictCommand, ManyLinesComeInOrderWhateverTheThreads) {
  train("run", "complex", 1);
  std::string pairs = "userId,itemId\n";
  for (int line = 0; line < 60000; ++line)
    pairs += fmt::format("u{},i{},{}\n", line % 11, line % 13, 880'000'000 + line);
  const std::string one = predict("run", pairs, {"--threads", "1"});
  const auto answers = lines_of(one);
  ASSERT_EQ(answers.size(), 60000U) << "the header is no pair";
  for (std::size_t line = 0; line < answers.size(); ++line) {
    ASSERT_TRUE(answers[line].starts_with(fmt::format("u{},i{},", line % 11, line % 13)))
        << answers[line];
    ASSERT_EQ(answers[line], answers[line % 143]) << "complex reads no time";
  }
  EXPECT_EQ(predict("run", pairs, {"--threads", "3"}), one);
  predict("run", pairs, {"--output", path("answers")});
  EXPECT_EQ(testing::read_file(folder_ / "answers"), one);
}

/// What comes out of a pipe within 20 seconds, up to the end of a line.
std::string read_line(int pipe) {
  std::string line;
  ::pollfd asked{pipe, POLLIN, 0};
  char c = 0;
  while (!line.ends_with('\n') && ::poll(&asked, 1, 20'000) == 1 && ::read(pipe, &c, 1) == 1)
    line += c;
  return line;
}

TEST_F(PredictCommand, ALineInAnOpenPipeIsAnsweredAtOnce) {
  train("run", "basic", 1);
  const auto expected = lines_of(predict("run", "u1,i1\nu2,i2\nu3,i3\n"));
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  std::array<int, 2> answers{};
  ASSERT_EQ(::pipe(answers.data()), 0);
  std::thread asked([&] {
    const FileHandle console(::fdopen(answers[1], "w"));
    Log log = Log::silent();
    predict_command({path("run"), "--pairs", path("fifo")}, console.get(), log);
  });
  const int questions = ::open(path("fifo").c_str(), O_WRONLY);
  const auto answer = [&](std::string_view text) {
    EXPECT_EQ(::write(questions, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return read_line(answers[0]);
  };
  EXPECT_EQ(answer("u1,i1\n"), expected.at(0) + "\n");
  EXPECT_EQ(answer("u2,i2\nu3"), expected.at(1) + "\n") << "the third is not whole yet";
  EXPECT_EQ(answer(",i3\n"), expected.at(2) + "\n");
  ::close(questions);
  asked.join();
  EXPECT_EQ(read_line(answers[0]), "");
  ::close(answers[0]);
}

TEST_F(PredictCommand, ABadLineIsNamedAndNoFileIsLeft) {
  train("run", "basic", 1);
  std::string pairs;
  for (int line = 1; line < 20000; ++line) pairs += "u1\ti1\n";
  expect_error(ErrorKind::input, HasSubstr("pairs:20000: 'u1'"), [&] {
    predict("run", pairs + "u1\n", {"--output", path("answers")});
  });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "answers"));
}

TEST_F(PredictCommand, AnswersReplaceNeitherTheirPairsNorTheirModel) {
  train("run", "basic", 1);
  const std::string pairs = (folder_ / "pairs").string();
  testing::write_file(pairs, "1 1\n");
  const std::string model = newest("run", "basic").string();
  for (const std::string& output : {pairs, model}) {
    expect_error(ErrorKind::usage, HasSubstr("--output " + output + ": is "), [&] {
      ask(predict_command, {path("run"), "--pairs", pairs, "--output", output});
    });
  }
  // `<pairs`
  const int input = dup(STDIN_FILENO);
  const int given = open(pairs.c_str(), O_RDONLY);
  ASSERT_EQ(dup2(given, STDIN_FILENO), STDIN_FILENO);
  close(given);
  expect_error(ErrorKind::usage, HasSubstr("is what --pairs reads"), [&] {
    ask(predict_command, {path("run"), "--output", pairs});
  });
  dup2(input, STDIN_FILENO);
  close(input);
  EXPECT_EQ(testing::read_file(pairs), "1 1\n");
}

TEST_F(PredictCommand, ClippedRatingsAreWithinTheScale) {
  prepare(kCases / "G01/train.tsv", {"--test-fraction", "0", "--scale", "1:5"});
  train("run", "basic", 1);
  // Weights near 0: basic's ratings are, too.
  EXPECT_THAT(lines_of(predict("run", "1 5\n3 1\n", {"--clip"})),
              ElementsAre("1 5 1 warm", "3 1 1 warm"));
}

TEST_F(PredictCommand, TimesDecideWhereTheModelReadsThem) {
  train("run", "enriched", 2);
  const auto answers =
      lines_of(predict("run", "u1,i1,880000000\nu1,i1,889000000\nu1,i1\n", {"--at", "880000000"}));
  EXPECT_NE(answers.at(0), answers.at(1));
  EXPECT_EQ(answers.at(0), answers.at(2));
  expect_error(ErrorKind::input, HasSubstr("pairs:1: time = x is no whole number"),
               [&] { predict("run", "u1,i1,x\n"); });
  expect_error(ErrorKind::input, HasSubstr("time 880000000000 is not in the seconds since 1970"),
               [&] { predict("run", "user,item,time\nu1,i1,880000000000\n"); });
  expect_error(ErrorKind::usage, HasSubstr("--at: time 880000000000 is not in the seconds"), [&] {
    predict("run", "u1,i1\n", {"--at", "880000000000"});
  });
}

// With as many samples kept as there are the mean is that of training.
class SampledPredictions : public PredictCommand,
                           public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Likelihoods, SampledPredictions, ::testing::Values("gaussian", "ordinal"));

TEST_P(SampledPredictions, AreMeansWithDeviations) {
  Words sampled = testing::sampled(3);
  sampled.insert(sampled.end(), {"--likelihood", GetParam()});
  train("run", "basic", 5, sampled);
  const auto set = shards::ShardSet::open(folder_ / "set");
  const auto test = testing::read_part(set, shards::Part::test);
  std::string pairs;
  for (std::size_t row = 0; row < test.user.size(); ++row) {
    pairs += fmt::format("{},{}\n", set.catalogue().user_ids[test.user[row]],
                         set.catalogue().item_ids[test.item[row]]);
  }
  const auto answers = lines_of(predict("run", pairs + "nobody,nothing\n"));
  EXPECT_THAT(log(), HasSubstr("answers are means of 3 sampled models"));
  ASSERT_EQ(answers.size(), 81U);
  double squares = 0;
  for (std::size_t row = 0; row < 80; ++row) {
    std::istringstream line(answers[row]);
    std::vector<std::string> fields;
    for (std::string field; std::getline(line, field, ',');) fields.push_back(field);
    ASSERT_EQ(fields.size(), 5U) << answers[row];
    const double error = std::stod(fields[2]) - static_cast<double>(test.rating[row]);
    squares += error * error;
    EXPECT_GT(std::stod(fields[4]), 0.5) << answers[row];
    EXPECT_LT(std::stod(fields[4]), 3) << answers[row];
  }
  EXPECT_TRUE(answers.back().ends_with(",cold_both,-")) << answers.back();
  EXPECT_NEAR(std::sqrt(squares / 80), run::read_result(folder_ / "run")->variants.at(0).test->rmse,
              1e-5);
}

TEST_F(PredictCommand, ATimeForAModelThatReadsNoneIsRefused) {
  train("run", "basic", 1);
  EXPECT_NO_THROW(predict("run", "user,item,time\nu1,i1,880000000000\n"))
      << "which it does not read";
  expect_error(ErrorKind::usage, HasSubstr("--at: basic reads no times"), [&] {
    predict("run", "u1,i1\n", {"--at", "880000000"});
  });
}

TEST_F(PredictCommand, PairsThatAreNotThereAreNamedWithoutAnotherProgramsOption) {
  train("run", "basic", 1);
  expect_error(
      ErrorKind::input,
      ::testing::AllOf(HasSubstr("none: does not exist"), ::testing::Not(HasSubstr("--input"))),
      [&] {
        ask(predict_command, {path("run"), "--pairs", path("none")});
      });
}

}  // namespace
}  // namespace nnrec::app
