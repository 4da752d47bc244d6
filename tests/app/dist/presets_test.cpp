#include "app/dist/presets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/dist/dist_options.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::app {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

run::RunOptions parse(const std::vector<std::string>& arguments) {
  Log log = Log::silent();
  return *parse_dist_options(arguments, log);
}

TEST(Presets, PublishedIsTheDefaults) {
  EXPECT_EQ(preset_lines("published", "all"), "");
  EXPECT_EQ(texts_of(parse({"--preset", "published"})).saved, texts_of(run::RunOptions{}).saved);
}

TEST(Presets, TunedHoldsWhereNothingElseIsSaid) {
  const auto options = parse({"--preset", "tuned", "--variant", "basic", "--epochs", "3"});
  EXPECT_EQ(options.epochs, 3);
  EXPECT_EQ(options.learning_rate, 0.008);
  EXPECT_EQ(options.embedding_dim, 64);
  EXPECT_EQ(options.biases, "yes");
  EXPECT_THAT(options.groups, ElementsAre("tables:row_penalty=5,count_penalty=0.05,rows=all",
                                          "*_bias:row_penalty=3,rows=all"));
}

TEST(Presets, OptionsCfgSpellsATunedRunOutAndReadsBack) {
  const testing::TemporaryFolder folder;
  for (const char* variant : {"basic", "one_layer", "enriched", "complex", "deep_fm"}) {
    const auto options =
        parse({"--preset", "tuned", "--variant", variant, "--group", "user:row_penalty=1"});
    const std::string saved = texts_of(options).saved;
    EXPECT_THAT(saved, HasSubstr("batch = 1000\n"));
    EXPECT_THAT(saved, HasSubstr("optimizer = adam:beta2=0.99\n"));
    EXPECT_THAT(saved, HasSubstr("group = user:row_penalty=1\n"));
    EXPECT_THAT(saved, ::testing::Not(HasSubstr("tables:"))) << "a given list is the whole list";
    testing::write_file(folder / "options.cfg", saved);
    EXPECT_EQ(texts_of(parse({"--config", (folder / "options.cfg").string()})).saved, saved);
  }
}

TEST(Presets, SampledIsSpelledOutToo) {
  const testing::TemporaryFolder folder;
  for (const char* variant : {"basic", "one_layer", "enriched", "complex", "deep_fm"}) {
    const auto options = parse({"--preset", "sampled", "--variant", variant});
    EXPECT_TRUE(options.training().sampling);
    const std::string saved = texts_of(options).saved;
    EXPECT_THAT(saved, HasSubstr("batch = 8000\n"));
    EXPECT_THAT(saved, HasSubstr("sampler = sgld:"));
    testing::write_file(folder / "options.cfg", saved);
    EXPECT_EQ(texts_of(parse({"--config", (folder / "options.cfg").string()})).saved, saved);
  }
  testing::expect_error(ErrorKind::usage, HasSubstr("--preset sampled trains one variant a run"),
                        [] {
                          parse({"--preset", "sampled", "--variant", "all"});
                        });
}

TEST(Presets, AFileOfOptionsStandsBetweenCommandLineAndPreset) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "cfg", "preset = tuned\nvariant = basic\nbatch = 7\nepochs = 5\n");
  const auto options = parse({"--config", (folder / "cfg").string(), "--epochs", "4"});
  EXPECT_EQ(options.epochs, 4);
  EXPECT_EQ(options.batch, 7);
  EXPECT_EQ(options.learning_rate, 0.008);
}

TEST(Presets, TunedIsForOneVariantThatItHasValuesFor) {
  for (const char* variant : {"all", "basic,one_layer", "basi"}) {
    testing::expect_error(ErrorKind::usage,
                          HasSubstr("--preset tuned trains one variant a run: --variant"), [&] {
                            parse({"--preset", "tuned", "--variant", variant});
                          });
  }
  testing::expect_error(ErrorKind::usage, HasSubstr("--preset tund is not one of published, tuned"),
                        [] {
                          parse({"--preset", "tund"});
                        });
}

}  // namespace
}  // namespace nnrec::app
