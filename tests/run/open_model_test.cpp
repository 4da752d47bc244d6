#include "nnrec/run/open_model.hpp"

#include <atomic>
#include <csignal>
#include <thread>

#include "nnrec/models/variants.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/train/checkpoint.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using ::testing::AllOf;
using testing::expect_error;
using ::testing::HasSubstr;
using ::testing::Not;

class OpenModel : public testing::DistFixture {
 protected:
  ModelSource find(const std::filesystem::path& place, const std::string& variant = "") const {
    Log log = Log::silent();
    return find_model(place, variant, log);
  }
};

TEST_F(OpenModel, EveryVariantOfEverySizeHasTheDigestOfItsRun) {
  const Words sizes{"--embedding-dim", "7", "--hidden",      "5,4",
                    "--age-units",     "3", "--genre-units", "2"};
  const std::string printed = train("run", "all", 1, sizes);
  for (const auto& variant : models::variants()) {
    const auto source = find(folder_ / "run", std::string(variant.name));
    const serve::Model model = load_model(source, open_training_set(source, ""));
    EXPECT_THAT(testing::digests(printed),
                HasSubstr(fmt::format("{} {}\n", variant.name, model.digest)));
  }
}

TEST_F(OpenModel, TheAverageOfWeightsAnswersWhereOneIsKept) {
  const Words more{"--ema", "0.9"};
  const std::string printed = train("run", "one_layer", 3, more);
  const auto source = find(folder_ / "run");
  const serve::Model model = load_model(source, open_training_set(source, ""));
  EXPECT_EQ(testing::digests(printed), fmt::format("one_layer {}\n", model.digest));
  EXPECT_THAT(printed, HasSubstr("errors of the moving average of the weights (--ema 0.9)"));
  train("warm", "one_layer", 1,
        {"--warm-start", (folder_ / "run").string(), "--learning-rate", "1e-30"});
  EXPECT_EQ(train::load_parameters(newest("warm", "one_layer"), model.network.layout()).digest(),
            model.digest);
}

TEST_F(OpenModel, TheBestByValidationIsTakenBeforeTheLast) {
  cut_validation();
  train("run", "one_layer", 6, {"--learning-rate", "0.5"});
  const auto last = train::read_checkpoint_head(newest("run", "one_layer")).progress;
  ASSERT_LT(last.best_step, last.step) << "choose another rate: the last epoch is the best";
  EXPECT_EQ(find(folder_ / "run").head.progress.step, last.best_step);
  std::filesystem::remove(checkpoint_path(folder_ / "run", "one_layer", last.best_step));
  EXPECT_EQ(find(folder_ / "run").head.progress.step, last.step);
}

TEST_F(OpenModel, WhatAJobRemovesBetweenChoosingAndReadingIsChosenAnew) {
  train("run", "basic", 3, {"--keep", "3"});
  Log log = Log::silent();
  auto source = find(folder_ / "run");
  auto named = find(source.checkpoint);
  fs::remove(source.checkpoint);
  const auto model = load_present_model(source, open_training_set(source, ""), log);
  EXPECT_EQ(source.head.progress.step, 10U);
  EXPECT_EQ(model.digest,
            train::load_parameters(newest("run", "basic"), model.network.layout()).digest());
  // Who names a checkpoint means that one.
  expect_error(ErrorKind::input, HasSubstr(named.checkpoint.string() + ": cannot be read"),
               [&] { load_present_model(named, open_training_set(named, ""), log); });
  // Another run, in its place, has other rows.
  fs::rename(folder_ / "set", folder_ / "former");
  testing::make_tiny_set(folder_ / "set", 11, 13, 300);
  fs::remove_all(folder_ / "run");
  train("run", "basic", 1);
  expect_error(ErrorKind::input, HasSubstr("has taken the place of the one that was read"), [&] {
    load_present_model(source, shards::ShardSet::open(folder_ / "former"), log);
  });
}

// Of each save only the newest checkpoint is kept.
TEST_F(OpenModel, ARunThatIsTrainedAnswersAtAnyMoment) {
  const StopSignals signals;
  std::atomic<bool> ends = false;
  std::thread job([&] {
    expect_error(ErrorKind::interrupted, HasSubstr("is saved at step"), [&] {
      testing::run_dist(
          {1, 1,
           arguments("run", "basic", 1000000, {"--keep", "1", "--checkpoint-every", "1steps"})},
          signals);
    });
    ends = true;
  });
  while (find_checkpoints(folder_ / "run", "basic").empty() && !ends) std::this_thread::yield();
  Log log = Log::silent();
  for (int question = 0; question < 400 && !ends; ++question) {
    EXPECT_NO_THROW({
      auto source = find(folder_ / "run");
      load_present_model(source, open_training_set(source, ""), log);
    });
  }
  EXPECT_FALSE(ends) << "the job stopped by itself";
  raise(SIGTERM);
  job.join();
}

TEST_F(OpenModel, SampledModelsAnswerInThePlaceOfABestFromBeforeThem) {
  cut_validation();
  const Words before{"--optimizer", "adam", "--learning-rate", "0.03", "--biases", "yes"};
  train("run", "basic", 3, before);
  ASSERT_GT(train::read_checkpoint_head(newest("run", "basic")).progress.best_step, 0U);
  Words after = before;
  after.insert(after.end(), {"--sampler", "sgld:step=0.05,warm_up=1,burn_in=3", "--keep-samples",
                             "2", "--allow-changes"});
  EXPECT_THAT(train("run", "basic", 6, after), HasSubstr("was chosen before --sampler"));
  EXPECT_THAT(testing::read_file(folder_ / "run/result.json"),
              HasSubstr("\"best_validation\": null"));
  const auto source = find(folder_ / "run");
  EXPECT_EQ(source.checkpoint, newest("run", "basic"));
  serve::Model model = load_model(source, open_training_set(source, ""));
  Log log = Log::silent();
  load_samples(source, model, log);
  EXPECT_EQ(model.samples.size(), 2U);
}

TEST_F(OpenModel, ACheckpointKnowsTheSetOfTheRunAroundIt) {
  train("run", "basic", 1);
  const auto source = find(newest("run", "basic"));
  EXPECT_TRUE(is_trained_on(source, open_training_set(source, "")));
  std::filesystem::copy_file(source.checkpoint, folder_ / "alone.h5");
  const auto alone = find(folder_ / "alone.h5");
  expect_error(ErrorKind::usage, HasSubstr("give --data"), [&] { open_training_set(alone, ""); });
  EXPECT_TRUE(is_trained_on(alone, open_training_set(alone, (folder_ / "set").string())));
}

TEST_F(OpenModel, ACheckpointKnowsItsRunByAnyName) {
  train("run", "basic", 1);
  const fs::path checkpoint = newest("run", "basic");
  fs::create_symlink(checkpoint, folder_ / "best.h5");
  fs::create_directory_symlink(folder_ / "run" / "checkpoints", folder_ / "short");
  const std::string name = checkpoint.filename().string();
  for (const std::string& other :
       {"run/checkpoints/./" + name, "run/./checkpoints/.//./" + name,
        "run/checkpoints/../checkpoints/" + name, "short/" + name, std::string("best.h5")}) {
    const auto source = find(folder_ / other);
    EXPECT_EQ(source.run, folder_ / "run") << other;
    EXPECT_NO_THROW(open_training_set(source, "")) << other;
  }
  // One that is kept elsewhere is still the run's.
  fs::create_directory(folder_ / "store");
  fs::rename(checkpoint, folder_ / "store" / "5.h5");
  fs::create_symlink(folder_ / "store" / "5.h5", checkpoint);
  for (const fs::path& named : {checkpoint, folder_ / "short" / name})
    EXPECT_EQ(find(named).run, folder_ / "run") << named;
  EXPECT_EQ(find(folder_ / "store" / "5.h5").run, "");
}

TEST_F(OpenModel, AModelOfASampledRunThatIsNamedAnswersAlone) {
  train("run", "basic", 6, testing::sampled(3));
  for (const fs::path& place :
       {newest("run", "basic"), find_samples(folder_ / "run", "basic").back().path}) {
    const auto source = find(place);
    serve::Model model = load_model(source, open_training_set(source, ""));
    fs::remove(folder_ / "log");
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    load_samples(source, model, log);
    EXPECT_TRUE(model.samples.empty());
    EXPECT_THAT(testing::read_file(folder_ / "log"),
                AllOf(HasSubstr("answers alone"), Not(HasSubstr("none is kept")),
                      HasSubstr("give " + (folder_ / "run").string() + ", the folder of its run")));
  }
}

TEST_F(OpenModel, ASampledRunBeforeItsFirstMeanAnswersByOneDrawAndSaysSo) {
  const auto warning_at = [&](int epochs) {
    Words words = testing::sampled(3);
    for (std::string& word : words)
      if (word.starts_with("sgld:")) word = "sgld:step=0.05,warm_up=2,burn_in=4";
    words.insert(words.end(), {"--keep", "9", "--checkpoint-every", "1epochs"});
    train("run", "basic", 6, words);
    const auto run = folder_ / "run";
    for (const auto& saved : find_checkpoints(run, "basic"))
      if (saved.step > static_cast<std::uint64_t>(5 * epochs)) fs::remove(saved.path);
    fs::remove_all(run / "samples");
    const auto source = find(run);
    EXPECT_EQ(source.head.progress.epoch, static_cast<std::uint64_t>(epochs));
    serve::Model model = load_model(source, open_training_set(source, ""));
    Log log = Log::silent();
    log.open_file(folder_ / fmt::format("log {}", epochs));
    load_samples(source, model, log);
    fs::remove_all(run);
    return testing::read_file(folder_ / fmt::format("log {}", epochs));
  };
  EXPECT_THAT(warning_at(3), HasSubstr("is of epoch 3, and its run averages sampled models behind "
                                       "epoch 4 only (burn_in): the last one answers alone"));
  EXPECT_THAT(warning_at(5), HasSubstr("of the 1 sampled models whose mean its run judged none"));
  EXPECT_EQ(warning_at(1), "");
}

TEST_F(OpenModel, AnotherSetIsRefused) {
  train("run", "basic", 1);
  testing::make_tiny_set(folder_ / "other", 11, 13, 401);
  expect_error(ErrorKind::input, HasSubstr("is not the set that the model was trained on"),
               [&] { open_training_set(find(folder_ / "run"), (folder_ / "other").string()); });
}

TEST_F(OpenModel, SampledModelsOfAnEarlierStretchDoNotAnswerForALaterOne) {
  train("run", "basic", 6, testing::sampled(3));
  train("run", "basic", 8,
        {"--optimizer", "adam", "--learning-rate", "0.03", "--biases", "yes", "--allow-changes"});
  const auto source = find(folder_ / "run");
  ASSERT_EQ(source.samples.size(), 3U);
  serve::Model model = load_model(source, open_training_set(source, ""));
  Log log = Log::silent();
  log.open_file(folder_ / "log");
  load_samples(source, model, log);
  EXPECT_TRUE(model.samples.empty());
  EXPECT_THAT(testing::read_file(folder_ / "log"), HasSubstr("do not answer"));
}

// A job saves its first sample before its checkpoint, and sets those of another mean aside after
// it.
TEST_F(OpenModel, SampledModelsOfOneMeanAnswerTogether) {
  train("run", "basic", 6, testing::sampled(3));
  Words other = testing::sampled(3);
  for (std::string& word : other)
    if (word.starts_with("sgld:")) word = "sgld:step=0.01,warm_up=1,burn_in=2";
  other.push_back("--allow-changes");
  const auto answering = [&](const std::string& run) {
    const auto source = find(folder_ / run);
    serve::Model model = load_model(source, open_training_set(source, ""));
    fs::remove(folder_ / "log");
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    load_samples(source, model, log);
    EXPECT_EQ(source.samples.size(), 4U);
    EXPECT_THAT(testing::read_file(folder_ / "log"),
                HasSubstr("1 sampled model beside it, of other data or another sampler"));
    return model.samples.size();
  };
  fs::copy(folder_ / "run", folder_ / "changed", fs::copy_options::recursive);
  train("changed", "basic", 9, other);
  const auto samples = [&](const char* run) { return find_samples(folder_ / run, "basic"); };
  ASSERT_EQ(samples("changed").size(), 3U);
  const auto copy = [&](const SavedCheckpoint& sample, const char* run) {
    fs::copy(sample.path, folder_ / run / "samples" / sample.path.filename());
  };
  const auto old_one = samples("run").front();
  copy(samples("changed").front(), "run");
  copy(old_one, "changed");
  EXPECT_EQ(answering("run"), 3U);
  EXPECT_EQ(answering("changed"), 3U);
}

TEST_F(OpenModel, WithoutAMeanNothingErrsMoreThanIt) {
  Words options = testing::sampled(3);
  options.insert(options.end(), {"--keep", "30", "--checkpoint-every", "1epochs"});
  train("run", "basic", 6, options);
  for (const auto& saved : find_checkpoints(folder_ / "run", "basic"))
    if (saved.step > 5) fs::remove(saved.path);  // as in the first epoch, before the burn-in
  fs::remove_all(folder_ / "run" / "samples");
  for (const fs::path& place : {folder_ / "run", newest("run", "basic")}) {
    const auto source = find(place);
    EXPECT_FALSE(is_sampled(source));
    serve::Model model = load_model(source, open_training_set(source, ""));
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    load_samples(source, model, log);
    EXPECT_EQ(testing::read_file(folder_ / "log"), "");
  }
}

TEST_F(OpenModel, ADamagedSampleIsNamedWithWhatItIs) {
  train("run", "basic", 6, testing::sampled(3));
  const auto source = find(folder_ / "run");
  testing::flip_byte(source.samples[1], 3000);
  serve::Model model = load_model(source, open_training_set(source, ""));
  Log log = Log::silent();
  expect_error(ErrorKind::input, HasSubstr("It is one of 3 sampled models whose mean answers"),
               [&] { load_samples(source, model, log); });
}

TEST_F(OpenModel, AVariantIsAskedForWhereThereAreSeveral) {
  train("run", "basic,one_layer", 1);
  expect_error(ErrorKind::usage, HasSubstr("give --variant, one of basic, one_layer"),
               [&] { find(folder_ / "run"); });
  expect_error(ErrorKind::usage, HasSubstr("has basic, one_layer"),
               [&] { find(folder_ / "run", "fm"); });
  expect_error(ErrorKind::usage, HasSubstr("is of basic"),
               [&] { find(newest("run", "basic"), "fm"); });
  expect_error(ErrorKind::input, HasSubstr("is not there"), [&] { find(folder_ / "rum"); });
  expect_error(ErrorKind::input, HasSubstr("has no checkpoints"), [&] { find(folder_ / "set"); });
}

TEST_F(OpenModel, ASetThatIsNotWhereTheRunSaysIsNamedWithItsOptions) {
  train("run", "basic", 1);
  const std::string options = testing::read_file(folder_ / "run" / "options.cfg");
  std::string relative = options;
  relative.replace(relative.find((folder_ / "set").string()), (folder_ / "set").string().size(),
                   "no/such/set");
  testing::write_file(folder_ / "run" / "options.cfg", relative);
  for (const auto& place : {folder_ / "run", newest("run", "basic")}) {
    const auto source = find(place);
    expect_error(
        ErrorKind::input,
        ::testing::AllOf(HasSubstr("no/such/set: no prepared set is there, which "),
                         HasSubstr("run/options.cfg names, as seen from where the run was started"),
                         HasSubstr("by --data")),
        [&] { open_training_set(source, ""); });
    EXPECT_NO_THROW(open_training_set(source, (folder_ / "set").string()));
  }
  testing::write_file(folder_ / "run" / "options.cfg", options);
  std::filesystem::remove_all(folder_ / "set");
  expect_error(ErrorKind::input, HasSubstr("options.cfg names; give the set"),
               [&] { open_training_set(find(folder_ / "run"), ""); });
}

}  // namespace
}  // namespace nnrec::run
