#include "app/options/option_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/models/variants.hpp"

#include "app/options/choice.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::app {
namespace {
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Sample {
  std::string data = "here";
  double rate = 0.1;
  std::int64_t batch = 64;
  double dropout = 0;
  bool strict = false;
  std::string kind = "one";
  std::optional<std::int64_t> last;
  std::vector<std::string> inputs;
  std::vector<std::string> groups;
};

std::optional<std::string> dropout_of(const Sample& sample, const models::Network& network) {
  if (!network.has_dropout()) return std::nullopt;
  return text_of(sample.dropout) + " of the first layer";
}

const Choice<int> kKinds{{"one", 1}, {"two", 2}};

const OptionTable<Sample>& sample_table() {
  static const OptionTable<Sample> kTable{
      {"data", &Sample::data, any_value(), kSaved, "a folder"},
      {"rate", &Sample::rate, in_range(0.0, 1.0), kDecides, "of learning"},
      {"batch", &Sample::batch, at_least(1), kDecides, "rows"},
      {"dropout", &Sample::dropout, part_of_all(), kDecides, "rate", dropout_of},
      {"strict", &Sample::strict, any_value(), kAgreed, "a switch"},
      {"kind", &Sample::kind, word_of(kKinds), "a word"},
      {"last", &Sample::last, at_least(1), "a number or nothing"},
      {"input", &Sample::inputs, "files"},
      {"group", &Sample::groups, any_value(), kSaved, "repeated"},
  };
  return kTable;
}

/// What `arguments` give; what is printed goes to `printed`.
Sample parse(const std::vector<std::string>& arguments, std::string* printed = nullptr) {
  const testing::TemporaryFolder folder;
  CommandLine line("sample", "A sample.");
  Sample sample;
  sample_table().declare(line, sample);
  line.allow_config();
  Log log = Log::silent();
  log.open_file(folder / "log");
  line.parse(arguments, log);
  if (printed != nullptr) *printed = testing::read_file(folder / "log");
  return sample;
}

std::string violations_of(const Sample& sample) {
  Violations violations("sample");
  sample_table().check(sample, violations);
  try {
    violations.throw_if_any();
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(OptionTable, ReadsEveryKindOfMember) {
  const Sample sample = parse({"--rate", "0.25", "--batch=7", "--strict", "--last", "3", "--input",
                               "a", "--input", "b", "--kind", "two"});
  EXPECT_EQ(sample.rate, 0.25);
  EXPECT_EQ(sample.batch, 7);
  EXPECT_TRUE(sample.strict);
  EXPECT_EQ(sample.last, 3);
  EXPECT_EQ(sample.inputs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(meaning_of(sample.kind, kKinds), 2);
  EXPECT_EQ(sample.data, "here") << "the default stays";
}

TEST(OptionTable, HelpShowsDefaultsWithTheFewestDigits) {
  std::string help;
  parse({"--help"}, &help);
  EXPECT_THAT(help, AllOf(HasSubstr("--rate arg (=0.1)"), HasSubstr("of learning")));
  EXPECT_THAT(help, Not(HasSubstr("(=)"))) << "nothing is no default worth showing";
}

TEST(OptionTable, NamesAllViolationsAtOnce) {
  Sample sample;
  sample.rate = std::nan("");
  sample.batch = 0;
  sample.kind = "tow";
  sample.last = 0;
  EXPECT_EQ(violations_of(sample),
            "--rate nan is not in 0..1; --batch 0 is not at least 1; --kind tow is not one of one, "
            "two (did you mean two?); --last 0 is not at least 1. See sample --help.");
  EXPECT_EQ(violations_of(Sample{}), "") << "what is not given is not looked at";
}

TEST(OptionTable, WhatAFileOfLinesCannotHoldIsRefused) {
  for (const char* data : {"a#b", "a\nb", " a", "a\t"}) {
    Sample sample;
    sample.data = data;
    EXPECT_THAT(violations_of(sample), HasSubstr("options.cfg cannot hold")) << data;
  }
  Sample sample;
  sample.kind = "two";
  sample.inputs = {"a#b"};
  EXPECT_EQ(violations_of(sample), "") << "it is not saved";
}

TEST(OptionTable, LinesGoToWhomTheyConcern) {
  Sample sample;
  sample.rate = 1e-3;
  EXPECT_EQ(sample_table().lines(sample, kSaved),
            "data = here\nrate = 0.001\nbatch = 64\ndropout = 0\n");
  EXPECT_EQ(sample_table().lines(sample, kAgreed),
            "rate = 0.001\nbatch = 64\ndropout = 0\nstrict = false\n");
}

TEST(OptionTable, WhatAnOptionDecidesIsWhatItComesToInTheNetwork) {
  const features::TableRows rows{3, 4, 2, 5, 6};
  models::VariantOptions with;
  with.dropout = {0.0F, 0.5F};
  EXPECT_EQ(sample_table().deciding({}, models::find_variant("complex").build(rows, with)),
            "rate = 0.1\nbatch = 64\ndropout = 0 of the first layer\n");
  EXPECT_EQ(sample_table().deciding({}, models::find_variant("basic").build(rows, with)),
            "rate = 0.1\nbatch = 64\n");
}

TEST(OptionTable, SavedLinesReadBackToTheSameValues) {
  const testing::TemporaryFolder folder;
  Sample sample;
  sample.data = "data/of mine";
  sample.rate = 0.1 + 0.2;
  sample.groups = {"tables:rate=0.5,l2=1", "user*:rate=1"};
  testing::write_file(folder / "options.cfg", sample_table().lines(sample, kSaved));
  const Sample back = parse({"--config", (folder / "options.cfg").string()});
  EXPECT_EQ(back.data, sample.data);
  EXPECT_EQ(back.rate, sample.rate);
  EXPECT_EQ(back.groups, sample.groups);
}

}  // namespace
}  // namespace nnrec::app
