#include "app/dist/dist_options.hpp"

#include <gtest/gtest.h>

#include "nnrec/models/variants.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::app {
namespace {
using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

run::RunOptions parse(const std::vector<std::string>& arguments) {
  Log log = Log::silent();
  return *parse_dist_options(arguments, log);
}

TEST(DistOptions, OptionsCfgReadsBackToWhatWasInForce) {
  const testing::TemporaryFolder folder;
  const auto options = parse({"--data", "data/mine", "--variant", "complex,basic", "--epochs", "7",
                              "--learning-rate", "0.015", "--dropout", "0.3", "--optimizer", "adam",
                              "--checkpoint-every", "10min", "--keep", "2", "--run", "r"});
  const std::string saved = texts_of(options).saved;
  testing::write_file(folder / "options.cfg", saved);
  const auto back = parse({"--config", (folder / "options.cfg").string()});
  EXPECT_EQ(texts_of(back).saved, saved);
  EXPECT_EQ(back.learning_rate, 0.015);
  EXPECT_EQ(back.run, "") << "what belongs to one job is not saved";
}

TEST(DistOptions, DropoutDecidesWhereTheNetworkHasIt) {
  const auto options = parse({"--dropout", "0.3"});
  const auto deciding = [&](const char* variant) {
    models::VariantOptions sizes;
    sizes.dropout = 0.3F;
    return texts_of(options).deciding(models::find_variant(variant).build({3, 4, 2, 5, 6}, sizes));
  };
  EXPECT_THAT(deciding("complex"), AllOf(HasSubstr("dropout = 0.3\n"), HasSubstr("seed = 1\n")));
  EXPECT_THAT(deciding("basic"), AllOf(Not(HasSubstr("dropout")), HasSubstr("seed = 1\n")));
}

TEST(DistOptions, RanksAgreeOnAllButFoldersAndThreads) {
  const std::string reference = agreed_lines(parse({}));
  EXPECT_EQ(agreed_lines(parse({"--data", "x", "--run", "y", "--threads", "3"})), reference);
  for (const auto* option : {"--epochs", "--seed", "--batch", "--keep"})
    EXPECT_NE(agreed_lines(parse({option, "5"})), reference) << option;
  EXPECT_NE(agreed_lines(parse({"--memory-limit", "1GB"})), reference);
  EXPECT_NE(agreed_lines(parse({"--allow-changes"})), reference);
}

TEST(DistOptions, AllThatIsWrongIsNamedAtOnce) {
  expect_error(
      ErrorKind::usage,
      AllOf(HasSubstr("--variant names basic twice"), HasSubstr("did you mean complex?"),
            HasSubstr("--batch 0 is not in 1..67108864"), HasSubstr("--seed -1 is negative"),
            HasSubstr("--dropout nan is not in"), HasSubstr("--optimizer adagrat is not one of"),
            HasSubstr("--memory-limit 0 is not a size above 0"),
            HasSubstr("--checkpoint-every 5 is not a whole number"),
            HasSubstr("--data a#b has a #"), HasSubstr("See nnrec_dist --help.")),
      [] {
        parse({"--variant", "basic,basic,complx", "--batch", "0", "--seed", "-1", "--dropout",
               "nan", "--optimizer", "adagrat", "--memory-limit", "0", "--checkpoint-every", "5",
               "--data", "a#b"});
      });
}

TEST(DistOptions, VerifyReadsTheRunsOwnOptions) {
  const testing::TemporaryFolder folder;
  const std::string run = folder.path().string();
  testing::write_file(folder / "options.cfg", "seed = 9\nbatch = 64\n");
  const auto options = parse({"--verify", run, "--batch", "32"});
  EXPECT_EQ(options.seed, 9);
  EXPECT_EQ(options.batch, 32) << "the command line wins";
  expect_error(ErrorKind::usage, HasSubstr("leave --config out"), [&] {
    parse({"--verify", run, "--config", run + "/options.cfg"});
  });
}

}  // namespace
}  // namespace nnrec::app
