#include "app/report/split_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/run/result.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {

using ::testing::ContainsRegex;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

class SplitTable : public testing::DistFixture {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// As if the set declared a scale, and this were the error of predictions clipped to it.
  std::string trained(const std::string& run, const std::string& variant,
                      const std::string& error) {
    train(run, variant, 1);
    std::string text = testing::read_file(folder_ / run / "result.json");
    const std::string none = "\"clipped_rmse\": null";
    for (auto at = text.find(none); at != std::string::npos; at = text.find(none))
      text.replace(at, none.size(), "\"clipped_rmse\": " + error);
    testing::write_file(folder_ / run / "result.json", text);
    return path(run);
  }
};

TEST_F(SplitTable, AColumnAFolderWithMeanSpreadAndGoal) {
  const std::vector<std::string> runs{
      trained("random/r0", "basic", "0.9") + "/.", trained("random/r1", "basic", "0.91") + "/",
      trained("u1/first", "basic", "0.93"), trained("u1/fm", "fm", "0.89")};
  const std::vector<ReferenceResult> references{{"published", "basic", "random", "0.902", ""},
                                                {"other", "SVD", "random", "0.911", "ids"},
                                                {"record", "GC-MC", "u1", "0.905", "features"},
                                                {"other", "far", "r90", "0.8", "ids"}};
  const std::string table = split_table(runs, references, TableFormat::text);
  EXPECT_THAT(table, ContainsRegex("^model +random +spread +goal +u1 +spread +goal +published"));
  EXPECT_THAT(table, ContainsRegex("basic, published +0.9050 +0.9000..0.9100 +0.902 +0.9300 "
                                   "+0.9300..0.9300 +- +3.695\n"));
  EXPECT_THAT(table, ContainsRegex("fm, published +- +- +- +0.8900 +0.8900..0.8900 +- +-\n"));
  EXPECT_THAT(table, ContainsRegex("SVD +0.911 .* - .*ids\n"));
  EXPECT_THAT(table, ContainsRegex("GC-MC, reported +- .* 0.905 .*features\n"));
  EXPECT_THAT(table, Not(HasSubstr("far"))) << "of another split";
}

TEST_F(SplitTable, RunsOfOtherOptionsAreNamedBelow) {
  train("u1/first", "basic", 1);
  train("u1/second", "basic", 1, {"--seed", "2"});
  train("u2/third", "basic", 1, {"--learning-rate", "0.2"});
  const auto table = [&](const std::vector<std::string>& runs) {
    return split_table(runs, {}, TableFormat::text);
  };
  EXPECT_THAT(table({path("u1/first"), path("u1/second"), path("u2/third")}),
              Not(HasSubstr("The runs")));
  train("u1/fourth", "basic", 1, {"--learning-rate", "0.2"});
  EXPECT_THAT(table({path("u1/first"), path("u1/fourth")}),
              HasSubstr("\nThe runs of basic, published, on u1 differ in more than their seeds: "
                        "learning-rate (0.1, 0.2)"));
}

TEST_F(SplitTable, ARunThatHasNotEndedIsNamed) {
  expect_error(ErrorKind::input, HasSubstr("u1/never: has no result.json"),
               [&] { split_table({path("u1/never")}, {}, TableFormat::text); });
}

TEST_F(SplitTable, ReferencesAreReadOrRefusedByLine) {
  const auto read = [&](const std::string& text) {
    testing::write_file(folder_ / "r.csv", text);
    return read_references(folder_ / "r.csv");
  };
  const auto references =
      read("kind,model,split,rmse,uses\nother,SVD,u1,0.925,ids\ntuned,fm,u1,0.9,\n");
  ASSERT_EQ(references.size(), 2U);
  EXPECT_EQ(references[0].model, "SVD");
  EXPECT_EQ(references[0].rmse, "0.925");
  EXPECT_EQ(references[1].uses, "");
  for (const char* line :
       {"other,SVD,u1,0.925", "other,SVD,u1,0.925,ids,more", "a,b,c,d,e", "a,b,c,-1,e", ""}) {
    expect_error(ErrorKind::input, HasSubstr("r.csv:2: "),
                 [&] { read(std::string("kind,model,split,rmse,uses\n") + line + "\n"); });
  }
  expect_error(ErrorKind::input, HasSubstr("r.csv:1: "), [&] { read("model,rmse\n"); });
}

/// What the project ships is what the reader takes.
TEST(ReferenceResults, OfTheProjectAreRead) {
  const auto references =
      read_references(std::string(NNREC_SOURCE_DIR) + "/data/reference_results.csv");
  EXPECT_GT(references.size(), 30U);
  for (const auto& one : references) {
    EXPECT_THAT(one.kind, ::testing::AnyOf("tuned", "sampled", "other", "record"));
    EXPECT_TRUE(one.rmse > "0.8" && one.rmse < "1") << one.model;
  }
}

}  // namespace
}  // namespace nnrec::app
