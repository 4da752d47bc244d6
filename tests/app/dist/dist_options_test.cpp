#include "app/dist/dist_options.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

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
  const auto options = parse({"--data",
                              "data/mine",
                              "--variant",
                              "complex,basic",
                              "--epochs",
                              "7",
                              "--learning-rate",
                              "0.015",
                              "--dropout",
                              "0.3",
                              "--optimizer",
                              "adam",
                              "--checkpoint-every",
                              "10min",
                              "--keep",
                              "2",
                              "--run",
                              "r",
                              "--group",
                              "tables:optimizer=rowwise_adagrad,rate=1",
                              "--group",
                              "*bias:l2=0",
                              "--rate-schedule",
                              "cosine:end=0.1",
                              "--warm-up",
                              "5steps",
                              "--clip-norm",
                              "2.5",
                              "--accumulate",
                              "4",
                              "--hidden",
                              "9,5",
                              "--embedding-dim",
                              "16"});
  const std::string saved = texts_of(options).saved;
  testing::write_file(folder / "options.cfg", saved);
  const auto back = parse({"--config", (folder / "options.cfg").string()});
  EXPECT_EQ(texts_of(back).saved, saved);
  EXPECT_EQ(back.learning_rate, 0.015);
  EXPECT_EQ(back.groups, options.groups);
  EXPECT_EQ(back.groups.size(), 2U);
  EXPECT_EQ(back.hidden, "9,5");
  EXPECT_EQ(back.run, "") << "what belongs to one job is not saved";
}

/// Of a variant on a small set, as these options build it.
std::string deciding(const std::string& variant, const std::vector<std::string>& arguments) {
  const auto options = parse(arguments);
  return texts_of(options).deciding(
      models::find_variant(variant).build({3, 4, 2, 5, 6}, options.sizes(3.5)));
}

TEST(DistOptions, DecideWithEverySettingSpelledOut) {
  EXPECT_EQ(deciding("complex", {"--dropout", "0.5"}),
            "preset = published\nbatch = 2048\naccumulate = 1\nseed = 1\nlearning-rate = 0.1\n"
            "rate-schedule = constant\nwarm-up = none\n"
            "optimizer = adagrad:initial_accumulator=0.1,epsilon=1e-07\ngroup = none\n"
            "clip-norm = 0\nembedding-dim = 32\nhidden = 64,16\nage-units = 8\ngenre-units = 4\n"
            "dropout = 0.5\n");
  EXPECT_EQ(deciding("one_layer", {}), deciding("one_layer", {"--hidden", "64"}));
  EXPECT_EQ(deciding("basic", {"--optimizer", "adam:beta1=0.90"}),
            deciding("basic", {"--optimizer", "adam"}));
}

TEST(DistOptions, WhatAVariantDoesNotHaveDecidesNothingThere) {
  EXPECT_EQ(deciding("basic", {"--hidden", "7", "--age-units", "3", "--genre-units", "2", "--group",
                               "dense1.*:l2=1", "--dropout", "0.1"}),
            deciding("basic", {}));
  EXPECT_THAT(deciding("one_layer", {"--group", "dense1.*:l2=1", "--group", "age*:l2=2", "--group",
                                     "user:rate=0.5"}),
              HasSubstr("group = dense1.*:optimizer=adagrad,initial_accumulator=0.1,epsilon=1e-07,"
                        "rate=0.1,l2=1; user:optimizer=adagrad,initial_accumulator=0.1,"
                        "epsilon=1e-07,rate=0.5,l2=0\n"));
}

TEST(DistOptions, DropoutIsSaidForEachDenseLayer) {
  EXPECT_THAT(deciding("complex", {"--dropout", "0.40,0.6,0.6"}),
              HasSubstr("dropout = 0.4,0.6,0.6\n"));
  // Each model has one text, whichever way it is said.
  for (const char* rates : {"0.3", "0,0.3", "0,0.3,0,0", "0.0,0.30,0.7,0.9"})
    EXPECT_THAT(deciding("one_layer", {"--dropout", rates}), HasSubstr("dropout = 0.3\n")) << rates;
  for (const char* rates : {"0.3,0", "0.3,0,0.5"})
    EXPECT_THAT(deciding("one_layer", {"--dropout", rates}), HasSubstr("dropout = 0.3,0\n"));
  expect_error(ErrorKind::usage, HasSubstr("--dropout 0.2,1 is not in 0..0.999, nor one such rate"),
               [] {
                 parse({"--dropout", "0.2,1"});
               });
}

TEST(DistOptions, AWarmUpHasOneText) {
  for (const char* same : {"2epochs", "2epoch", "2.0epochs"})
    EXPECT_THAT(deciding("basic", {"--warm-up", same}), HasSubstr("warm-up = 2epochs\n")) << same;
  for (const char* same : {"500steps", "5e2steps", "500.0step"})
    EXPECT_THAT(deciding("basic", {"--warm-up", same}), HasSubstr("warm-up = 500steps\n")) << same;
  EXPECT_THAT(deciding("basic", {}), HasSubstr("warm-up = none\n"));
}

TEST(DistOptions, TheSamplerDecidesWithEverySettingAndRefusesWhatItCannotUse) {
  const std::string decided = deciding("basic", {"--sampler", "sgld:burn_in=9,warm_up=2"});
  EXPECT_THAT(decided,
              HasSubstr("sampler = sgld:step=0.16,warm_up=2,burn_in=9,ramp=10,resample_from=15,"));
  EXPECT_EQ(deciding("basic", {}).find("sampler"), std::string::npos);
  EXPECT_EQ(deciding("basic", {}).find("ema"), std::string::npos) << "nothing new is decided";
  EXPECT_EQ(deciding("basic", {"--exchange", "owner"}).find("exchange"), std::string::npos);
  EXPECT_THAT(deciding("basic", {"--exchange-bits", "32"}), HasSubstr("exchange-bits = 32\n"));
  EXPECT_THAT(deciding("basic", {"--ema", "0.990"}), HasSubstr("ema = 0.99\n"));
  expect_error(ErrorKind::usage,
               AllOf(HasSubstr("--dropout 0.3: --sampler draws whole models"),
                     HasSubstr("--clip-norm would bend"), HasSubstr("--patience is of one model"),
                     HasSubstr("--ema is of one model"),
                     HasSubstr("burn_in = 100: with --epochs 20 no model would be averaged")),
               [] {
                 parse({"--sampler", "sgld", "--dropout", "0.3", "--clip-norm", "1", "--patience",
                        "2", "--ema", "0.9"});
               });
}

TEST(DistOptions, AnOrdinalLikelihoodDecidesWithItsLevelsAndItsRule) {
  const auto ordinal = parse({"--likelihood", "ordinal"});
  EXPECT_THAT(texts_of(ordinal).saved, HasSubstr("likelihood = ordinal\n"));
  models::Network network;
  network.rating(network.embedding("user", features::IdColumn::user, 3, 1), 0, {1, 1.5F, 2});
  const std::string decided = texts_of(ordinal).deciding(network);
  EXPECT_THAT(decided, HasSubstr("likelihood = ordinal:1,1.5,2\n"));
  EXPECT_THAT(decided, HasSubstr("ordinal:optimizer=adam,beta1=0.9,beta2=0.999,"));
  EXPECT_THAT(decided, HasSubstr("rate=0.003"));
  EXPECT_EQ(deciding("basic", {}).find("likelihood"), std::string::npos)
      << "what was decided before is decided in the same words";
}

TEST(DistOptions, FeaturesAreNamedOrRefused) {
  EXPECT_EQ(parse({"--features", "day,words"}).extras(models::find_variant("enriched")),
            features::parse_extras("day,words"));
  EXPECT_TRUE(parse({}).extras(models::find_variant("enriched")).empty());
  EXPECT_EQ(features::text_of(parse({}).extras(models::find_variant("deep_fm"))),
            "day,sessions,age,gender,occupation,zip,year,words,genres");
  expect_error(ErrorKind::usage, HasSubstr("--features wrds is not one of day"), [] {
    parse({"--features", "wrds"});
  });
}

TEST(DistOptions, AScheduleOverTheWholeRunNamesItsEpochs) {
  EXPECT_THAT(deciding("basic", {"--rate-schedule", "cosine", "--epochs", "7"}),
              HasSubstr("rate-schedule = cosine:over=7,end=0\n"));
  EXPECT_EQ(deciding("basic", {"--rate-schedule", "cosine:over=7", "--epochs", "9"}),
            deciding("basic", {"--rate-schedule", "cosine", "--epochs", "7"}));
}

TEST(DistOptions, RanksAgreeOnAllButDataThreadsAndKernels) {
  const std::string reference = agreed_lines(parse({}));
  EXPECT_EQ(agreed_lines(parse({"--data", "x", "--threads", "3"})), reference);
  for (const auto* option :
       {"--epochs", "--seed", "--batch", "--keep", "--run", "--json-log", "--logdir", "--trace"})
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
  testing::write_file(folder / "options.cfg", "variant = basic\npreset = tuned\nseed = 9\n");
  EXPECT_EQ(parse({"--verify", run, "--preset", "tuned"}).seed, 9);
  expect_error(ErrorKind::usage, HasSubstr("leave --config out"), [&] {
    parse({"--verify", run, "--config", run + "/options.cfg"});
  });
  for (const char* name :
       {"--run", "--resume", "--warm-start", "--json-log", "--logdir", "--trace"}) {
    expect_error(ErrorKind::usage, HasSubstr(fmt::format("{} is of training", name)), [&] {
      parse({"--verify", run, name, "x"});
    });
  }
}

// A pipe has its text once.
TEST(DistOptions, APresetGoesWithOptionsFromAPipe) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::thread writer([&] {
    testing::write_file(folder / "pipe", "preset = tuned\nvariant = basic\nepochs = 2\n");
  });
  const auto options = parse({"--config", (folder / "pipe").string(), "--batch", "32"});
  writer.join();
  EXPECT_EQ(options.epochs, 2);
  EXPECT_EQ(options.batch, 32);
  EXPECT_EQ(options.learning_rate,
            parse({"--preset", "tuned", "--variant", "basic"}).learning_rate);
}

TEST(DistOptions, WhatIsNotUnderstoodIsNamedWithItsOption) {
  const auto refuse = [](const std::vector<std::string>& arguments, const char* message) {
    expect_error(ErrorKind::usage, HasSubstr(message), [&] { parse(arguments); });
  };
  refuse({"--optimizer", "adm"}, "--optimizer adm is not one of adagrad, sgd, adam");
  refuse({"--optimizer", "adam:beta=1"}, "--optimizer adam: beta is not one of beta1, beta2");
  refuse({"--group", "tables"}, "--group tables is not BLOCKS:setting=value");
  refuse({"--group", "tables:rate=x"}, "--group tables: rate = x is not a number");
  refuse({"--rate-schedule", "linear:over=0"}, "--rate-schedule linear: over = 0 is not a number");
  refuse({"--warm-up", "5"}, "--warm-up 5 is not none, or a number");
  refuse({"--clip-norm", "-1"}, "--clip-norm -1 is not in 0..");
  refuse({"--accumulate", "0"}, "--accumulate 0 is not in 1..65536");
  refuse({"--embedding-dim", "0"}, "--embedding-dim 0 is not in 1..");
  refuse({"--hidden", "64,"}, "--hidden 64, is not published, or 1 to 16 numbers");
}

TEST(DistOptions, FilesThatARunWritesAreFilesOfTheirOwn) {
  expect_error(ErrorKind::usage, HasSubstr("--json-log -: give a file"), [] {
    parse({"--json-log", "-"});
  });
  expect_error(ErrorKind::usage, HasSubstr("--trace -: give a file"), [] {
    parse({"--trace", "-"});
  });
  expect_error(ErrorKind::usage, HasSubstr("name one file, x: give two"), [] {
    parse({"--trace", "x", "--json-log", "x"});
  });
}

TEST(DistOptions, HelpNamesEveryOptimizerWithItsSettings) {
  const testing::TemporaryFolder folder;
  Log log = Log::silent();
  log.open_file(folder / "log");
  EXPECT_FALSE(parse_dist_options({"--help"}, log));
  const std::string help = testing::read_file(folder / "log");
  for (const std::string& name : nn::optimizer_names()) EXPECT_THAT(help, HasSubstr(name));
  EXPECT_THAT(help, HasSubstr("momentum:momentum=0.9,nesterov=no"));
  EXPECT_THAT(help, HasSubstr("sgd: plain steps")) << "it has no settings";
}

TEST(DistOptions, OneOptionAtMostTakesThePlaceOfTraining) {
  const testing::TemporaryFolder folder;
  testing::write_file(folder / "options.cfg", "epochs = 2\n");
  const std::string verify = "--verify=" + (folder / "").string();
  for (const std::vector<std::string>& words : {std::vector<std::string>{verify, "--plan", "1"},
                                                {"--preflight", "--plan", "1,2"},
                                                {"--preflight", verify}}) {
    expect_error(ErrorKind::usage, HasSubstr("give one"), [&] { parse(words); });
  }
  expect_error(ErrorKind::usage, HasSubstr("are of --plan"), [&] {
    parse({"--network", "10us,1GB/s"});
  });
}

}  // namespace
}  // namespace nnrec::app
