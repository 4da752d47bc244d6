#include "app/report/page.hpp"

#include <set>

#include "nnrec/app/report_command.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"

#include "support/answering.hpp"
#include "support/expect_error.hpp"
#include "support/xml_page.hpp"

namespace nnrec::app {
namespace {
namespace fs = std::filesystem;

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testing::XmlPage;

/// Writes pages of runs in its folder and reads them as XML.
class Page : public testing::Answering {
 protected:
  std::string report(const Words& runs, const Words& more = {}) {
    Words words;
    for (const auto& run : runs) words.push_back(path(run));
    if (std::ranges::find(more, "--html") == more.end())
      words.insert(words.end(), {"--html", path("report.html")});
    words.insert(words.end(), more.begin(), more.end());
    return ask([](const Words& all, std::FILE*, Log& log) { report_command(all, log); }, words);
  }
  std::string page_text(const Words& runs, const Words& more = {}) {
    report(runs, more);
    return testing::read_file(folder_ / "report.html");
  }
  double last_rmse(const std::string& run) const {
    return run::History(folder_ / run).read().back().test_rmse.value();
  }
  /// The page as far as a run begins: history alone.
  void begin_run(const std::string& run, const std::string& variant, const std::string& rmse) {
    fs::create_directories(folder_ / run);
    testing::write_file(folder_ / run / "history.csv",
                        "variant,epoch,step,train_rmse,validation_rmse,test_rmse,learning_rate,"
                        "seconds,ratings_per_second\n" +
                            variant + ",1,5,1.0,," + rmse + ",0.1,0.5,1000\n");
  }
};

TEST_F(Page, RunsOnDifferentDataAreNotAveragedWithoutAWord) {
  train("first", "basic", 1);
  train("second", "basic", 1, {"--seed", "2"});
  report({"first", "second"});
  EXPECT_THAT(log(), Not(HasSubstr("different data sets")));
  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300);
  train("third", "basic", 1, {"--seed", "3"});
  report({"first", "second", "third"});
  EXPECT_THAT(log(), HasSubstr("The runs of basic were trained on 2 different data sets"));
}

TEST_F(Page, AVariantHasThePresetOfItsOwnRecordNotOfTheLastCommand) {
  train("mix", "basic", 2);
  train("mix", "one_layer", 1, {"--preset", "tuned"});
  EXPECT_THAT(XmlPage(page_text({"mix"})).row("runs", "mix / basic"), Contains("finished"));
  // As older programs left it: of the last command alone.
  const fs::path result = folder_ / "mix" / "result.json";
  testing::write_file(result, run::entries_of(testing::read_file(result), {"one_layer"}));
  const XmlPage page(page_text({"mix"}));
  EXPECT_THAT(log(), HasSubstr("\nbasic "));
  EXPECT_THAT(log(), HasSubstr("\none_layer (tuned) "));
  EXPECT_THAT(page.row("verdicts", "basic"), Not(IsEmpty()));
  EXPECT_THAT(page.row("runs", "mix / basic"), Contains("published"));
  EXPECT_THAT(page.row("runs", "mix / basic"), Contains("of an earlier command"));
  EXPECT_THAT(page.row("runs", "mix / one_layer"), Contains("tuned"));
  EXPECT_THAT(page.row("deciding", "preset"), ElementsAre("published", "tuned"));
  EXPECT_THAT(page.row("settings", "preset"), ElementsAre("tuned")) << "of the last command";
  EXPECT_THAT(page.row("errors-0", "basic"), Not(IsEmpty())) << "its model is asked";
  fs::remove_all(folder_ / "mix" / "checkpoints");
  report({"mix"});
  EXPECT_THAT(log(), HasSubstr("\nbasic (preset unknown) "));
}

TEST_F(Page, RunsOfOtherOptionsOrOfOneModelAreNotAveragedWithoutAWord) {
  train("first", "basic", 1);
  train("second", "basic", 1, {"--seed", "2"});
  report({"first", "second"});
  EXPECT_THAT(log(), Not(HasSubstr("The runs")));
  train("third", "basic", 1, {"--seed", "3", "--learning-rate", "2", "--embedding-dim", "4"});
  fs::copy(folder_ / "first", folder_ / "copy", fs::copy_options::recursive);
  report({"first", "second", "third", "copy"});
  EXPECT_THAT(log(), HasSubstr("The runs of basic differ in more than their seeds: "));
  EXPECT_THAT(log(), HasSubstr("learning-rate (0.1, 2), embedding-dim ("));
  EXPECT_THAT(log(), HasSubstr("The runs first, copy have the same model of basic, bit for bit"));
}

TEST_F(Page, HasALineForEveryVariantAndItsValues) {
  train("first", "basic,one_layer", 2);
  train("second", "basic", 3, {"--preset", "tuned"});
  const XmlPage page(page_text({"first", "second"}));
  const auto basic = run::read_result(folder_ / "first")->variants.at(0);
  const std::string measured = fmt::format("{:.4f}", basic.test->rmse);
  const std::string tuned = fmt::format("{:.4f}", last_rmse("second"));
  for (const char* width : {"wide", "narrow"}) {
    const auto lines = page.texts(fmt::format("//*[@class='{}']", width) +
                                  "//*[@class='plot']/*[local-name()='title']");
    for (const auto& line :
         {"basic, measured: " + measured, "basic (tuned), measured: " + tuned,
          std::string("basic, published: 3.695"), std::string("one_layer, published: 0.941")})
      EXPECT_THAT(lines, Contains(line)) << width;
    EXPECT_THAT(lines, Contains(StartsWith("one_layer, measured: ")));
    EXPECT_EQ(lines.size(), 5U) << "the published line of basic stands once";
  }
  // Epochs, and what is known of each: of two runs two and three, of the publication twenty.
  EXPECT_THAT(page.row("curves", "3"), ElementsAre("-", Not(""), tuned, "-", Not("")));
  EXPECT_EQ(page.row("curves", "2").front(), measured);
  EXPECT_EQ(page.count("//*[@id='curves']/*[local-name()='tbody']/*"), 20U);
  EXPECT_THAT(page.row("verdicts", "basic"), Contains("not comparable: 2 epochs, published 20"));
  EXPECT_THAT(page.row("verdicts", "basic (tuned)"), Contains("another preset"));
}

TEST_F(Page, ExplainsThePublishedBasicBesideATunedOne) {
  train("first", "basic", 1);
  train("second", "basic", 3, {"--preset", "tuned"});
  const std::string note = "//*[@class='note']";
  EXPECT_THAT(XmlPage(page_text({"first"})).texts(note),
              ElementsAre(HasSubstr("within 0.05 of 0")));
  EXPECT_THAT(XmlPage(page_text({"first", "second"})).texts(note),
              ElementsAre(HasSubstr(
                  fmt::format("basic (tuned) reaches {:.4f} in 3 epochs", last_rmse("second")))));
  EXPECT_THAT(XmlPage(page_text({"second"})).texts(note), IsEmpty());
}

TEST_F(Page, SaysWhatRunAndModelsSay) {
  train("first", "basic,enriched", 2);
  train("second", "basic", 3, {"--preset", "tuned"});
  const XmlPage page(page_text({"first", "second"}));
  const auto end = run::read_result(folder_ / "first");
  const auto& enriched = end->variants.at(1);
  const std::string rmse = fmt::format("{:.4f}", enriched.test->rmse);
  EXPECT_THAT(page.row("ends", ""), IsEmpty()) << "ids of headings are not those of tables";
  EXPECT_THAT(page.row("runs", "first / enriched"), Contains(rmse));
  EXPECT_THAT(page.row("runs", "first / enriched"),
              Contains(fmt::format("{:.4f}", end->training_mean->rmse)));
  EXPECT_EQ(page.row("times", "compute").size(), 3U) << "a column each of the variants that ended";
  EXPECT_EQ(page.row("digests", "model first / enriched").at(0), enriched.model_digest);
  const auto& batch = enriched.forecast.value().batch_seconds;
  EXPECT_THAT(page.row("forecasts", "first / enriched"),
              ElementsAre(fmt::format("{:.2f}", 1e3 * batch.forecast),
                          fmt::format("{:.2f}", 1e3 * batch.measured), Not(""), Not("")));
  const auto& clusters = enriched.forecast.value().scaling.clusters;
  ASSERT_EQ(clusters.size(), 7U);
  auto scaling = page.row("scaling", "first / enriched");
  ASSERT_EQ(scaling.size(), 5 * clusters.size()) << "a row for each number of nodes";
  scaling.resize(5);
  EXPECT_THAT(scaling,
              ElementsAre("1", "1", fmt::format("{:.2f}", 1e3 * clusters.front().batch_seconds),
                          "100 %", "nothing"));
  EXPECT_THAT(page.row("build", "sources"), ElementsAre(Not("")));
  EXPECT_THAT(page.row("settings", "preset"), ElementsAre("published", "tuned"));
  EXPECT_THAT(page.row("settings", "seed"), ElementsAre("1")) << "the same in both stands once";
  EXPECT_THAT(page.row("settings", "group").back(), HasSubstr("; *_bias:row_penalty=3"));
  EXPECT_EQ(page.row("errors-0", "enriched").at(1), rmse) << "judged anew, to the same error";
  EXPECT_EQ(page.row("by_exposure-0", "warm").size(), 1U + 2 * (3 + 2))
      << "rows; RMSE and MAE of models and two means";
  EXPECT_THAT(page.row("set", "train ratings"), ElementsAre("320"));
  for (const char* list : {"list-0-0", "list-0-1", "list-0-2"})
    EXPECT_EQ(page.row(list, "1").size(), 3U) << list;
}

// A branch that had no epoch left has an end, and no history.
TEST_F(Page, AnEndWithoutAnEpochIsReported) {
  train("run", "one_layer", 3);
  train("branch", "one_layer", 3, {"--resume", newest("run", "one_layer").string()});
  ASSERT_THAT(run::History(folder_ / "branch").read(), IsEmpty());
  const XmlPage page(page_text({"branch"}));
  const std::string rmse = fmt::format("{:.4f}", last_rmse("run"));
  EXPECT_THAT(page.row("curves", "3").front(), rmse);
  EXPECT_THAT(page.row("runs", "branch / one_layer"), Contains(rmse));
  EXPECT_THAT(log(), HasSubstr(rmse));
  fs::remove(folder_ / "branch" / "result.json");
  expect_error(ErrorKind::input, HasSubstr("history.csv:2:1: no epoch has ended there yet. Let"),
               [&] { report({"branch"}); });
}

TEST_F(Page, NeedsNothingAndNamesEachIdOnce) {
  train("first", "basic", 1);
  const std::string text = page_text({"first"});
  const XmlPage page(text);
  for (const auto& link : page.texts("//@href | //@src")) EXPECT_THAT(link, StartsWith("#"));
  EXPECT_THAT(text, Not(HasSubstr("@import")));
  EXPECT_THAT(text, Not(HasSubstr("url(")));
  const auto ids = page.texts("//@id");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  for (const auto& names : page.texts("//@aria-labelledby")) {
    std::istringstream words(names);
    for (std::string name; words >> name;) EXPECT_THAT(ids, Contains(name));
  }
  for (const auto& link : page.texts("//@href")) EXPECT_THAT(ids, Contains(link.substr(1)));
  EXPECT_EQ(page.count(XmlPage::node("svg") + "[@role='img']"), 2U);
  EXPECT_EQ(page.count(XmlPage::node("table")), page.count(XmlPage::node("caption")));
  EXPECT_EQ(page.count(XmlPage::node("script")), 1U);
  EXPECT_EQ(text, page_text({"first"}, {"--threads", "3"})) << "no clock and no thread in it";
}

TEST_F(Page, TextsFromFilesStayTexts) {
  begin_run("<b>&'run", "<i>new</i>", "0.9");
  testing::write_file(folder_ / "<b>&'run" / "options.cfg", "data = <script>alert(1)</script>\n");
  const XmlPage page(page_text({"<b>&'run"}, {"--data", "a \"<u>\" set"}));
  for (const char* name : {"b", "i", "u"}) EXPECT_EQ(page.count(XmlPage::node(name)), 0U) << name;
  EXPECT_EQ(page.count(XmlPage::node("script")), 1U);
  EXPECT_THAT(page.texts(XmlPage::node("h1")), ElementsAre("RMSE on a \"<u>\" set"));
  EXPECT_THAT(page.row("settings", "data"), ElementsAre("<script>alert(1)</script>"));
  EXPECT_THAT(page.texts("//*[@id='runs']//*[@scope='row']"), ElementsAre("<b>&'run / <i>new</i>"));
}

TEST_F(Page, WithoutItsSetAModelIsLeftOutAndNamed) {
  train("first", "basic", 1);
  begin_run("begun", "one_layer", "0.95");
  fs::rename(folder_ / "set", folder_ / "moved");
  const XmlPage page(page_text({"first", "begun"}));
  const auto sentences = page.texts("//*[@class='small']");
  EXPECT_THAT(sentences, Contains(StartsWith("Not asked: basic: ")));
  EXPECT_THAT(sentences, Contains(StartsWith("Not asked: one_layer: ")));
  EXPECT_THAT(page.row("runs", "begun / one_layer"), Contains("unfinished"));
  EXPECT_THAT(page.row("set", "train_rows"), ElementsAre("320")) << "of result.json";
  fs::remove_all(folder_ / "begun");
  const XmlPage other(page_text({"first"}, {"--set", path("moved")}));
  EXPECT_EQ(other.row("errors-0", "basic").at(0), "80");
}

TEST_F(Page, AnotherModelThanTheJudgedOneIsNamed) {
  train("first", "basic", 3, {"--checkpoint-every", "1epochs"});
  constexpr const char* kDoubt = "while the results are of the ";
  EXPECT_THAT(page_text({"first"}), Not(HasSubstr(kDoubt)));
  fs::remove(newest("first", "basic"));
  EXPECT_THAT(
      page_text({"first"}),
      HasSubstr(fmt::format("the model of step 10 answers, {}last one, of step 15", kDoubt)));

  fs::remove_all(folder_ / "set");
  testing::make_tiny_set(folder_ / "set", 11, 13, 400, 0.2);
  train("validated", "basic", 3, {"--checkpoint-every", "1epochs"});
  EXPECT_THAT(page_text({"validated"}), Not(HasSubstr(kDoubt)));
  const auto saved = run::find_checkpoints(folder_ / "validated", "basic");
  const auto best = run::read_result(folder_ / "validated")->variants[0].best_step.value();
  for (const auto& one : saved)
    if (one.step == best) fs::remove(one.path);
  EXPECT_THAT(page_text({"validated"}), HasSubstr(kDoubt));
}

TEST_F(Page, IsAbsentWhereItCannotBeWhole) {
  train("first", "basic", 1);
  testing::make_tiny_set(folder_ / "other", 5, 6, 50);
  expect_error(ErrorKind::input, HasSubstr("is not the set that the model was trained on"), [&] {
    report({"first"}, {"--set", path("other")});
  });
  EXPECT_FALSE(fs::exists(folder_ / "report.html"));
  expect_error(ErrorKind::io, HasSubstr("cannot create a file"), [&] {
    report({"first"}, {"--html", path("none/report.html")});
  });
}

}  // namespace
}  // namespace nnrec::app
