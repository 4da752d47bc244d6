#include "nnrec/run/result.hpp"

#include <cmath>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "nnrec/base/stop_signals.hpp"
#include "nnrec/run/run_folder.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using namespace std::string_literals;
using testing::expect_error;
using ::testing::HasSubstr;

RunResult sample_result() {
  TrainedVariant basic;
  basic.variant = "basic";
  basic.progress.epoch = 2;
  basic.progress.step = 80;
  basic.progress.best_rmse = 0.375;
  basic.progress.best_step = 40;
  basic.validation.squared = {2.0, 8};  // RMSE 0.5
  basic.validation.absolute_sum = 2;
  basic.test.squared = {0.25, 4};       // RMSE 0.25
  basic.test.warm = {0.02, 2};          // RMSE 0.1
  basic.best_test.squared = {2.25, 4};  // RMSE 0.75
  basic.model_digest = "abc";
  basic.options = "seed = 1\noptimizer = adam:beta1=0.9\n";
  basic.changes = "step 40: seed = 1, was 2\n";
  basic.statistics.exchanges = 3;
  basic.forecast = {{0.25, 0.5}, {100, 125}, {1000, 4000}, {"slow", {{2, 6, 0.5, 0.25, 64}}}};
  basic.statistics.bytes.sent = 300;
  TrainedVariant complex;
  complex.variant = "complex";
  RunResult result;
  result.build = "compiler = GNU 12\n";
  result.options = "epochs = 2\ngroup = tables:rate=1\ngroup = *bias:l2=0\ngroup = word:l2=1\n";
  result.data.digest = "def";
  result.data.source = "caf\xE9.csv";
  result.ranks = 3;
  result.threads = 2;
  result.test_baselines.training_mean.squared = {4.0, 4};    // RMSE 1
  result.test_baselines.user_item_means.squared = {1.0, 4};  // RMSE 0.5
  result.test_baselines.user_item_means.warm = {0.5, 2};     // RMSE 0.5
  result.variants = {basic, complex};
  return result;
}

TEST(Result, SaysHowEachVariantEnded) {
  const auto object = nlohmann::json::parse(result_text(sample_result()));
  EXPECT_EQ(object["build"]["compiler"], "GNU 12");
  EXPECT_EQ(object["ranks"], 3);
  EXPECT_EQ(object["threads"], 2);
  EXPECT_EQ(object["options"]["epochs"], "2");
  EXPECT_EQ(object["options"]["group"],
            (nlohmann::json{"tables:rate=1", "*bias:l2=0", "word:l2=1"}));
  EXPECT_EQ(object["data"]["digest"], "def");
  const auto& basic = object["variants"][0];
  EXPECT_EQ(basic["epochs"], 2);
  EXPECT_EQ(basic["steps"], 80);
  EXPECT_EQ(basic["model_digest"], "abc");
  EXPECT_EQ(basic["build"]["compiler"], "GNU 12");
  EXPECT_EQ(basic["ranks"], 3);
  EXPECT_EQ(basic["threads"], 2);
  EXPECT_EQ(basic["validation"]["rows"], 8);
  EXPECT_EQ(basic["validation"]["rmse"], 0.5);
  EXPECT_EQ(basic["validation"]["mae"], 0.25);
  EXPECT_TRUE(basic["validation"]["clipped_rmse"].is_null()) << "no scale is declared";
  EXPECT_EQ(basic["best_validation"]["rmse"], 0.375);
  EXPECT_EQ(basic["best_validation"]["step"], 40);
  EXPECT_EQ(basic["test"]["rmse"], 0.25);
  EXPECT_EQ(basic["test"]["warm_rows"], 2);
  EXPECT_EQ(basic["test"]["warm_rmse"], 0.1);
  EXPECT_EQ(basic["best_test"]["rmse"], 0.75);
  EXPECT_EQ(basic["options"]["optimizer"], "adam:beta1=0.9");
  EXPECT_EQ(basic["changes"], "step 40: seed = 1, was 2\n");
  EXPECT_EQ(basic["exchange"]["bytes"], 300);
  EXPECT_EQ(basic["forecast"]["batch_seconds"]["measured"], 0.5);
  EXPECT_EQ(basic["forecast"]["node_memory"]["forecast"], 1000);
  EXPECT_TRUE(object["variants"][1]["forecast"].is_null());
  EXPECT_TRUE(object["variants"][1]["validation"].is_null()) << "nothing was evaluated";
  const auto& baselines = object["baselines"];
  EXPECT_EQ(baselines["test"]["training_mean"]["rmse"], 1);
  EXPECT_EQ(baselines["test"]["user_item_means"]["rmse"], 0.5);
  EXPECT_EQ(baselines["test"]["user_item_means"]["warm_rows"], 2);
  EXPECT_TRUE(baselines["validation"]["training_mean"].is_null()) << "there is no such part";
  EXPECT_TRUE(object["variants"][1]["best_test"].is_null());
}

TEST(Result, EntriesOfOneResultGoIntoAnotherOnTheSameData) {
  RunResult former = sample_result();
  former.variants[0].model_digest = "former basic";
  former.variants[1].model_digest = "former complex";
  former.ranks = 7;
  RunResult now = sample_result();
  now.variants.resize(1);
  const auto merged = [&](const std::vector<std::string>& repeated) {
    const auto object =
        nlohmann::json::parse(with_entries_of(result_text(now), result_text(former), repeated));
    std::vector<std::string> models;
    for (const auto& variant : object["variants"]) models.push_back(variant["model_digest"]);
    return models;
  };
  EXPECT_EQ(merged({}), (std::vector<std::string>{"abc", "former complex"}));
  EXPECT_EQ(merged({"basic"}), (std::vector<std::string>{"former basic", "former complex"}));
  former.data.digest = "other";
  EXPECT_EQ(merged({"basic"}), std::vector<std::string>{"abc"});
  EXPECT_EQ(with_entries_of(result_text(now), "cut off {", {}), result_text(now));

  EXPECT_EQ(entries_of(result_text(former), {"enriched"}), "");
  EXPECT_EQ(entries_of("", {"basic"}), "");
  const auto left = nlohmann::json::parse(entries_of(result_text(former), {"complex"}));
  ASSERT_EQ(left["variants"].size(), 1U);
  EXPECT_EQ(left["variants"][0]["variant"], "complex");
}

TEST(Result, WithoutAValidationPartHasNoBest) {
  RunResult result = sample_result();
  result.variants[0].validation = {};  // the progress of an older run may still name a best
  const auto object = nlohmann::json::parse(result_text(result));
  EXPECT_TRUE(object["variants"][0]["best_validation"].is_null());
}

TEST(Result, ReadsBackWhatOtherProgramsNeed) {
  const testing::TemporaryFolder folder;
  EXPECT_FALSE(read_result(folder.path()));
  testing::write_file(folder / "result.json", result_text(sample_result()));
  const auto end = read_result(folder.path());
  ASSERT_TRUE(end && end->variants.size() == 2);
  const VariantEnd& basic = end->variants[0];
  EXPECT_EQ(basic.variant, "basic");
  EXPECT_EQ(basic.epochs, 2U);
  EXPECT_EQ(basic.steps, 80U);
  EXPECT_EQ(basic.validation.value().rmse, 0.5);
  EXPECT_EQ(basic.validation.value().mae, 0.25);
  EXPECT_EQ(basic.test.value().rmse, 0.25);
  EXPECT_EQ(basic.test.value().warm_rows, 2U);
  EXPECT_EQ(basic.test.value().clipped_rmse, std::nullopt);
  EXPECT_EQ(basic.best_test.value().rmse, 0.75);
  EXPECT_EQ(basic.model_digest, "abc");
  EXPECT_EQ(basic.option("optimizer"), "adam:beta1=0.9");
  EXPECT_EQ(basic.option("dropout"), "");
  EXPECT_EQ(basic.bytes_sent, 300U);
  EXPECT_EQ(basic.forecast.value().batch_seconds.forecast, 0.25);
  EXPECT_EQ(basic.forecast.value().batch_bytes.measured, 125);
  EXPECT_EQ(basic.forecast->scaling.network, "slow");
  ASSERT_EQ(basic.forecast->scaling.clusters.size(), 1U);
  const ClusterForecast& cluster = basic.forecast->scaling.clusters.front();
  EXPECT_EQ(cluster.nodes, 2U);
  EXPECT_EQ(cluster.ranks, 6U);
  EXPECT_EQ(cluster.batch_seconds, 0.5);
  EXPECT_EQ(cluster.efficiency, 0.25);
  EXPECT_EQ(cluster.batch_bytes, 64);
  EXPECT_FALSE(end->variants[1].forecast);
  EXPECT_EQ(basic.seconds.front().first, "training");
  EXPECT_FALSE(end->variants[1].validation);
  EXPECT_EQ(basic.ranks, 3);
  EXPECT_EQ(basic.threads, 2);
  EXPECT_EQ(basic.build.front(), std::pair("compiler"s, "GNU 12"s));
  EXPECT_EQ(end->data.front(), std::pair("digest"s, "def"s));
  EXPECT_EQ(end->training_mean.value().rmse, 1) << "of the test part, as nothing else was judged";
}

TEST(Result, OfOlderProgramsHasOneJobForAllVariants) {
  const testing::TemporaryFolder folder;
  auto object = nlohmann::json::parse(result_text(sample_result()));
  for (auto& variant : object["variants"])
    for (const char* newer : {"ranks", "threads", "build"}) variant.erase(newer);
  testing::write_file(folder / "result.json", object.dump());
  const auto ends = read_result(folder.path())->variants;
  for (const VariantEnd& variant : ends) {
    EXPECT_EQ(variant.ranks, 3);
    EXPECT_EQ(variant.threads, 2);
    EXPECT_EQ(variant.build.front(), std::pair("compiler"s, "GNU 12"s));
  }
  // Among those of a later command, too.
  RunResult later = sample_result();
  later.variants.resize(1);
  later.ranks = 8;
  testing::write_file(folder / "result.json",
                      with_entries_of(result_text(later), object.dump(), {}));
  const auto both = read_result(folder.path())->variants;
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(std::pair(both[0].variant, both[0].ranks), std::pair("basic"s, 8));
  EXPECT_EQ(std::pair(both[1].variant, both[1].ranks), std::pair("complex"s, 3));
}

TEST(Result, WhatIsNoneIsRefusedByName) {
  const testing::TemporaryFolder folder;
  for (const char* text :
       {"", "{", "[]", "{\"kind\": \"nnrec result\", \"schema_version\": 2}",
        "{\"kind\": \"nnrec result\", \"schema_version\": 3, \"variants\": [{\"variant\": 3}]}"}) {
    testing::write_file(folder / "result.json", text);
    expect_error(ErrorKind::input, HasSubstr("result.json: is "),
                 [&] { read_result(folder.path()); });
  }
}

TEST(Result, OneThatCannotBeReadIsNotTakenForNone) {
  const testing::TemporaryFolder folder;
  const auto loop = folder / "result.json";
  std::filesystem::create_symlink("result.json", loop);
  expect_error(ErrorKind::io,
               HasSubstr(loop.string() + ": cannot be read: Too many levels of symbolic links"),
               [&] { read_result(folder.path()); });
}

class ResultOfARun : public testing::DistFixture {};

TEST_F(ResultOfARun, HasTheDigestsThatWerePrinted) {
  const std::string printed = train("run", "basic,one_layer", 2);
  const auto end = read_result(folder_ / "run");
  ASSERT_TRUE(end && end->variants.size() == 2);
  EXPECT_EQ(fmt::format("basic {}\none_layer {}\n", end->variants[0].model_digest,
                        end->variants[1].model_digest),
            testing::digests(printed));
  EXPECT_THAT(printed,
              HasSubstr(fmt::format("test RMSE basic {:.4f}", end->variants[0].test.value().rmse)));
}

TEST_F(ResultOfARun, HasTheJobOfEachVariant) {
  train("run", "basic", 1);
  testing::run_dist({3, 2, arguments("run", "one_layer", 1)});
  const auto ends = read_result(folder_ / "run")->variants;
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(std::pair(ends[0].variant, ends[0].ranks), std::pair("one_layer"s, 3));
  EXPECT_EQ(std::pair(ends[1].variant, ends[1].ranks), std::pair("basic"s, 1));
}

// What a job that goes on has trained itself are the later variants alone.
TEST_F(ResultOfARun, HasTheFiguresOfAVariantThatEndedBeforeTheJobWasStopped) {
  const auto words = arguments("run", "basic,one_layer", 200);
  const auto ended = folder_ / "run" / kEndedFileName;
  {
    const StopSignals signals;
    std::thread sender([&] {
      while (find_checkpoints(folder_ / "run", "one_layer").empty()) std::this_thread::yield();
      raise(SIGUSR1);
    });
    expect_error(ErrorKind::interrupted, HasSubstr("one_layer is saved at step"), [&] {
      testing::run_dist({2, 1, words}, signals);
    });
    sender.join();
  }
  EXPECT_FALSE(read_result(folder_ / "run")) << "the run has not ended";
  const auto first = read_result(folder_ / "run", kEndedFileName)->variants;
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].batches, 200U * 5);
  testing::run_dist({1, 1, words});
  EXPECT_FALSE(std::filesystem::exists(ended));
  const auto ends = read_result(folder_ / "run")->variants;
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0].variant, "basic");
  EXPECT_EQ(ends[0].batches, first[0].batches);
  EXPECT_EQ(ends[0].seconds, first[0].seconds);
  EXPECT_EQ(std::pair(ends[0].ranks, ends[1].ranks), std::pair(2, 1));
}

TEST_F(ResultOfARun, IsNotLostByACommandThatOnlyRepeatsAnother) {
  train("run", "one_layer", 2);
  const auto run = folder_ / "run";
  const std::string stopped = testing::read_file(run / "result.json");
  train("run", "basic", 2);
  // As after a stop between one_layer and a third variant.
  testing::write_file(run / kEndedFileName, stopped);
  testing::write_file(run / "result.json",
                      entries_of(testing::read_file(run / "result.json"), {"basic"}));
  train("run", "basic", 2);
  EXPECT_FALSE(std::filesystem::exists(run / kEndedFileName));
  const auto ends = read_result(run)->variants;
  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(std::pair(ends[1].variant, ends[1].batches),
            std::pair("one_layer"s, std::uint64_t{10}));
}

TEST_F(ResultOfARun, HasTheBestModelsErrorOnceThatIsThereAgain) {
  cut_validation();
  train("run", "one_layer", 2);
  const Words bad{"--learning-rate", "3", "--allow-changes"};
  train("run", "one_layer", 3, bad);
  const auto best = checkpoint_path(folder_ / "run", "one_layer", 8);
  std::filesystem::rename(best, folder_ / "away");
  EXPECT_THAT(train("run", "one_layer", 4, bad), HasSubstr("of step 8, is not evaluated"));
  const auto without = read_result(folder_ / "run")->variants.at(0);
  EXPECT_FALSE(without.best_test);
  std::filesystem::rename(folder_ / "away", best);
  train("run", "one_layer", 4, bad);
  const auto with = read_result(folder_ / "run")->variants.at(0);
  ASSERT_TRUE(with.best_test);
  EXPECT_EQ(with.best_test->rows, 80U);
  EXPECT_EQ(with.batches, without.batches) << "the rest is of the job that trained";
  EXPECT_EQ(with.seconds, without.seconds);
}

TEST_F(ResultOfARun, OfAVariantThatIsTrainedOnIsNotKeptFromBeforeTheStop) {
  train("run", "basic,one_layer", 2);
  const auto run = folder_ / "run";
  testing::write_file(run / kEndedFileName,
                      entries_of(testing::read_file(run / "result.json"), {"basic"}));
  std::filesystem::remove(run / "result.json");
  train("run", "basic,one_layer", 3);
  const auto ends = read_result(run)->variants;
  for (const VariantEnd& end : ends) {
    EXPECT_EQ(end.epochs, 3U) << end.variant;
    EXPECT_EQ(end.batches, 5U) << end.variant;
  }
}

TEST_F(ResultOfARun, IsGoneWhileTheRunGoesOn) {
  train("run", "basic", 1);
  Log log = Log::silent();
  RunFolder folder(folder_ / "run", log);
  EXPECT_TRUE(read_result(folder.path()));
  folder.open_run("", {}, log);
  EXPECT_FALSE(read_result(folder.path()));
}

}  // namespace
}  // namespace nnrec::run
