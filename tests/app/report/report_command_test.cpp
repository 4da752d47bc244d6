#include "nnrec/app/report_command.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "nnrec/base/error.hpp"

namespace nnrec::app {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kHeader =
    "variant,epoch,step,train_rmse,validation_rmse,test_rmse,learning_rate,seconds,"
    "ratings_per_second\n";

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every opened element is closed, in order; no bare ampersand.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (auto at = xml.find('<'); at != std::string::npos; at = xml.find('<', at + 1)) {
    if (xml[at + 1] == '?' || xml[at + 1] == '!') continue;
    const auto end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const bool closes = xml[at + 1] == '/';
    const auto start = at + (closes ? 2 : 1);
    const auto name = xml.substr(start, xml.find_first_of(" \t\n/>", start) - start);
    if (!closes && xml[end - 1] != '/') open.push_back(name);
    if (!closes) continue;
    if (open.empty() || open.back() != name) return false;
    open.pop_back();
  }
  return open.empty() && xml.find("& ") == std::string::npos;
}

/// Run folders in a temporary folder, and what the command printed.
class ReportCommand : public testing::Test {
 protected:
  ReportCommand()
      : folder_(fs::temp_directory_path() /
                (std::string("nnrec_report_") +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~ReportCommand() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string add_run(const std::string& name, const std::string& rows) {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "history.csv") << kHeader << rows;
    return (folder_ / name).string();
  }

  /// 20 epochs, all with the same error.
  static std::string rows_of(const std::string& variant, const std::string& rmse) {
    std::string rows;
    for (int epoch = 1; epoch <= 20; ++epoch)
      rows += fmt::format("{},{},{},1.0,,{},0.1,0.05,1600000\n", variant, epoch, epoch * 40, rmse);
    return rows;
  }

  static std::string run(const std::vector<std::string>& arguments) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> console(std::tmpfile(), &std::fclose);
    Log log(console.get());
    report_command(arguments, log);
    std::rewind(console.get());
    std::string text;
    for (int letter = 0; (letter = std::fgetc(console.get())) != EOF;)
      text += static_cast<char>(letter);
    return text;
  }

  static std::string input_error(const std::vector<std::string>& arguments) {
    try {
      run(arguments);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::input ? error.what() : std::string("not InputError");
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(ReportCommand, OneRunGetsADifferenceAndAVerdict) {
  const auto run_folder =
      add_run("run", rows_of("one_layer", "0.9450") + rows_of("basic", "3.7100"));
  const auto text = run({run_folder});
  EXPECT_THAT(text,
              ContainsRegex("one_layer +0.941 +0.9450 +\\+0.0040 +0.938..0.956 +as published"));
  EXPECT_THAT(text, ContainsRegex("basic +3.695 +3.7100 +\\+0.0150 +3.680..3.700 +DIFFERS"));
  EXPECT_LT(text.find("basic"), text.find("one_layer")) << "order of the published table";
  EXPECT_THAT(read_text(folder_ / "run" / "report.md"), HasSubstr("| one_layer |"));
}

TEST_F(ReportCommand, SeveralRunsGetMeanDeviationAndSpread) {
  const auto first = add_run("1", rows_of("complex", "0.95") + rows_of("basic", "3.70"));
  const auto second = add_run("2", rows_of("complex", "0.97") + rows_of("basic", "3.70"));
  const auto text = run({first, second});
  EXPECT_THAT(text, ContainsRegex("complex +2 +0.960 +0.9600 +.0.0000 +0.0141 "
                                  "+0.9500..0.9700 +yes +0.940..1.150 +as published"));
  EXPECT_THAT(text, ContainsRegex("basic +2 .*no, below"));
}

TEST_F(ReportCommand, ChartIsWellFormedSvgWithBothCurves) {
  const auto run_folder = add_run("run", rows_of("basic", "3.7") + rows_of("enriched", "0.94"));
  run({run_folder, "--output", (folder_ / "out").string()});
  const auto svg = read_text(folder_ / "out" / "rmse_over_epochs.svg");
  EXPECT_TRUE(is_well_formed(svg));
  for (const auto* label : {"RMSE over epochs", "basic, measured: 3.7000",
                            "basic, published: 3.695", "enriched, published: 0.936"})
    EXPECT_THAT(svg, HasSubstr(label));
  EXPECT_EQ(read_text(folder_ / "out" / "rmse_over_epochs.png").substr(1, 3), "PNG");
}

TEST_F(ReportCommand, UnknownVariantIsShownWithoutPublishedFigure) {
  const auto text = run({add_run("run", rows_of("it's_new", "0.91"))});
  EXPECT_THAT(text, ContainsRegex("it's_new +- +0.9100 +- +- +not published"));
}

TEST_F(ReportCommand, OtherDataAndOtherEpochsGetNoVerdict) {
  const auto run_folder = add_run("run", rows_of("basic", "3.69"));
  EXPECT_THAT(run({run_folder, "--data", "synthetic data"}), HasSubstr("other data"));
  const auto short_run = add_run("short", "basic,1,40,3.7,,3.69,0.1,0.05,1600000\n");
  EXPECT_THAT(run({short_run}), HasSubstr("not comparable: 1 epochs, published 20"));
}

// Chosen by validation, then trained on by all ratings.
TEST_F(ReportCommand, EpochsOnTrainingRowsAloneAreLeftOut) {
  const std::string judged = "basic,1,40,3.7,,3.69,0.1,0.05,1600000\n";
  const std::string unjudged = "basic,2,80,3.6,,,0.1,0.05,1600000\n";
  const auto whole = add_run("whole", rows_of("one_layer", "0.9450"));
  const auto text = run({add_run("some", judged + unjudged), whole});
  EXPECT_THAT(text, ContainsRegex("basic +3.695 +3.6900"));
  EXPECT_THAT(text, ContainsRegex("one_layer +0.941 +0.9450"));
  EXPECT_THAT(text, HasSubstr("some: 1 epoch of basic had data of training rows alone and has no "
                              "RMSE; its figure is of epoch 1."));
  EXPECT_THAT(input_error({add_run("none", unjudged), whole}),
              HasSubstr("none/history.csv: basic: no epoch has a validation_rmse or a test_rmse"));
}

TEST_F(ReportCommand, PresetsAreNotAveraged) {
  const auto published = add_run("published", rows_of("basic", "3.69"));
  const auto tuned = add_run("tuned", rows_of("basic", "0.90"));
  std::ofstream(folder_ / "tuned" / "options.cfg") << "preset = tuned\n";
  const auto text = run({tuned, published, "--output", (folder_ / "out").string()});
  EXPECT_THAT(text, ContainsRegex("basic +3.695 +3.6900 .*as published"));
  EXPECT_THAT(text, ContainsRegex("basic .tuned. +3.695 +0.9000 .*another preset"));
  EXPECT_THAT(text, HasSubstr("basic (tuned) reaches 0.9000 in 20 epochs"));
  EXPECT_THAT(read_text(folder_ / "out" / "report.md"), HasSubstr("near predicting 0"));
  EXPECT_THAT(read_text(folder_ / "out" / "rmse_over_epochs.svg"),
              HasSubstr("basic (tuned), measured: 0.9000"));
}

TEST_F(ReportCommand, APageTakesThePlaceOfFiles) {
  const auto folder = add_run("run", rows_of("basic", "3.69"));
  const auto page = (folder_ / "page.html").string();
  EXPECT_THAT(run({folder, "--html", page}), HasSubstr("page: " + page));
  EXPECT_FALSE(fs::exists(folder_ / "run" / "report.md"));
  for (const auto& other : std::vector<std::string>{"--list", "--ensemble", "--output=" + folder})
    EXPECT_THROW(run({folder, "--html", page, other}), UsageError);
  EXPECT_THROW(run({folder, "--splits", "--html", page}), UsageError);
  EXPECT_THROW(run({folder, "--splits", "--list"}), UsageError);
  EXPECT_THROW(run({folder, "--references", page}), UsageError);
}

TEST_F(ReportCommand, MarkdownFormatIsPrinted) {
  const auto run_folder = add_run("run", rows_of("basic", "3.69"));
  EXPECT_THAT(run({run_folder, "--format", "markdown"}), HasSubstr("| basic "));
  EXPECT_THROW(run({run_folder, "--format", "html"}), UsageError);
}

TEST_F(ReportCommand, BadHistoryIsRefusedWithItsPlace) {
  const std::string good = "basic,1,40,3.7,,3.69,0.1,0.05,1600000\n";
  EXPECT_THAT(input_error({(folder_ / "none").string()}), HasSubstr("none/history.csv: "));
  EXPECT_THAT(input_error({add_run("empty", "")}), HasSubstr("history.csv:2:1: "));
  EXPECT_THAT(input_error({add_run("nan", good + "basic,2,80,3.7,nan,,0.1,0.05,1\n")}),
              HasSubstr("history.csv:3:16: validation_rmse = 'nan'"));
  EXPECT_THAT(input_error({add_run("cut", good + "basic,2,8\n")}),
              HasSubstr("history.csv:3:9: train_rmse = '(missing)'"));
  EXPECT_THAT(input_error({add_run("twice", good + good)}),
              HasSubstr("history.csv:3:7: epoch = 1"));
  EXPECT_THAT(input_error({add_run("long", "basic,1,40,3.7,,3.69,0.1,0.05,16,9\n")}),
              HasSubstr("history.csv:2:34: "));
  std::ofstream(folder_ / "long" / "history.csv") << "epoch,variant\n";
  EXPECT_THAT(input_error({(folder_ / "long").string()}), HasSubstr("history.csv:1:1: header"));
}

TEST_F(ReportCommand, MissingGnuplotLeavesTheTableAndSaysSo) {
  const auto run_folder = add_run("run", rows_of("basic", "3.69"));
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder_.c_str(), 1);
  try {
    run({run_folder});
    ADD_FAILURE() << "no error";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), HasSubstr("gnuplot is not installed"));
  }
  setenv("PATH", path.c_str(), 1);
  EXPECT_THAT(read_text(folder_ / "run" / "report.md"), HasSubstr("as published"));
  for (const auto& entry : fs::directory_iterator(folder_ / "run"))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("rmse_over_epochs")));
}

TEST_F(ReportCommand, SettingsOfSomebodysGnuplotChangeNoChart) {
  const auto run_folder = add_run("run", rows_of("basic", "3.69"));
  run({run_folder});
  const std::string chart = read_text(folder_ / "run" / "rmse_over_epochs.svg");
  std::ofstream(folder_ / ".gnuplot") << "set datafile separator ','\nset output 'elsewhere'\n";
  const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  setenv("HOME", folder_.c_str(), 1);
  run({run_folder});
  setenv("HOME", home.c_str(), 1);
  EXPECT_EQ(read_text(folder_ / "run" / "rmse_over_epochs.svg"), chart);
}

TEST_F(ReportCommand, AChartThatFindsNoRoomLeavesTheOldOne) {
  const auto run_folder = add_run("run", rows_of("basic", "3.69"));
  run({run_folder});
  const fs::path path = folder_ / "run" / "rmse_over_epochs.svg";
  const std::string chart = read_text(path);
  std::signal(SIGXFSZ, SIG_IGN);  // as programs do
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{chart.size() / 2, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  try {
    run({run_folder});
    ADD_FAILURE() << "no error";
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
  }
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read_text(path), chart);
}

TEST_F(ReportCommand, ARunGivenTwiceIsRefused) {
  const auto folder = add_run("run", rows_of("basic", "3.69"));
  const auto again = (folder_ / "run" / ".." / "run").string() + "/";
  EXPECT_THAT(
      [&] {
        run({folder, folder});
      },
      testing::ThrowsMessage<UsageError>(HasSubstr(folder + " is given twice")));
  for (const auto& mode : std::vector<std::string>{"--ensemble", "--splits", "--html=page"})
    EXPECT_THAT(
        [&] {
          run({folder, again, mode});
        },
        testing::ThrowsMessage<UsageError>(HasSubstr(again + " is " + folder + " again")))
        << mode;
  EXPECT_NO_THROW(run({"--list", folder, folder}));
}

TEST_F(ReportCommand, OptionsThatNothingReadsAreRefused) {
  const auto folder = add_run("run", rows_of("basic", "3.69"));
  const auto expect_refusal = [&](std::vector<std::string> words, const std::string& text) {
    words.push_back(folder);
    EXPECT_THAT([&] { run(words); }, testing::ThrowsMessage<UsageError>(HasSubstr(text)));
  };
  expect_refusal({"--part", "validation"}, "--part goes with --ensemble");
  expect_refusal({"--html", "page", "--part", "test"}, "--part goes with --ensemble");
  expect_refusal({"--set", "data"}, "--set goes with --ensemble or --html");
  expect_refusal({"--list", "--format", "markdown"}, "--format does not go with --list");
  expect_refusal({"--ensemble", "--data", "x"}, "--data does not go with --ensemble");
  expect_refusal({"--splits", "--data", "x"}, "--data does not go with --splits");
  expect_refusal({"--references", "x"}, "--references goes with --splits");
}

}  // namespace
}  // namespace nnrec::app
