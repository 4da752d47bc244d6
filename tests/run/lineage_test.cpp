#include "nnrec/run/lineage.hpp"

#include <cmath>
#include <tuple>

#include "nnrec/run/open_model.hpp"
#include "nnrec/run/result.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

using testing::digests;
using testing::expect_error;
using ::testing::HasSubstr;

class Lineage : public testing::DistFixture {
 protected:
  ModelSource find(const fs::path& run) const {
    Log log = Log::silent();
    log.open_file(folder_ / "log");
    return find_model(run, "", log);
  }
  std::string log() const { return testing::read_file(folder_ / "log"); }
  /// From here on the checkpoint does not say what its origin was but for the path.
  static void forget_model_of_origin(const fs::path& checkpoint) {
    std::string bytes = testing::read_file(checkpoint);
    const auto at = bytes.find("origin_model_digest");
    ASSERT_NE(at, std::string::npos);
    bytes[at] = 'x';
    testing::write_file(checkpoint, bytes.substr(0, bytes.rfind("nnrec-seal-1")));
    io::append_seal(checkpoint);
  }
};

TEST_F(Lineage, TheBestIsTheModelOfThatErrorOnThoseDataAtThatStep) {
  cut_validation();
  train("chosen", "basic", 2, {"--learning-rate", "0.01"});
  const auto head = train::read_checkpoint_head(newest("chosen", "basic"));
  ASSERT_EQ(head.progress.best_step, 8U) << "the case needs the last to be the best";
  EXPECT_EQ(find_best(folder_ / "chosen", head).path, newest("chosen", "basic"));
  auto other_error = head;
  other_error.progress.best_rmse = std::nextafter(head.progress.best_rmse, 0.0);
  auto other_data = head;
  other_data.info.data_digest[0] ^= 1;
  auto other_step = head;
  other_step.progress.best_step = 4;
  for (const auto& other : {other_error, other_data, other_step}) {
    expect_error(ErrorKind::input, HasSubstr("is of another run by now"),
                 [&] { find_best(folder_ / "chosen", other); });
  }
  other_step.progress.best_step = 3;
  expect_error(ErrorKind::input, HasSubstr("step-0000000003.h5: is not there any more"),
               [&] { find_best(folder_ / "chosen", other_step); });
}

TEST_F(Lineage, RunsThatTookEachOthersPlacesHaveALineage) {
  const auto lineage = [&](const char* run) {
    return find_lineage(folder_ / run, train::read_checkpoint_head(newest(run, "basic")).info);
  };
  train("run", "basic", 3);
  EXPECT_EQ(lineage("run"), std::vector<fs::path>{});
  const fs::path first = newest("run", "basic");
  train("branch", "basic", 3, {"--resume", first.string()});
  EXPECT_EQ(lineage("branch"), std::vector{first});
  fs::remove_all(folder_ / "run");
  const fs::path second = newest("branch", "basic");
  train("run", "basic", 3, {"--resume", second.string()});
  EXPECT_EQ(lineage("branch"), (std::vector{first, second}));
}

TEST_F(Lineage, TheBestOfABranchMayLieInTheRunThatItBranchedFrom) {
  cut_validation();
  train("run", "one_layer", 6, {"--learning-rate", "0.5"});
  const auto best = train::read_checkpoint_head(newest("run", "one_layer")).progress.best_step;
  // Hardly moved, the last model grows no better.
  const Words still{"--learning-rate", "1e-30", "--allow-changes", "--resume"};
  for (const auto& [from, to, epochs] :
       {std::tuple("run", "branch", 7), std::tuple("branch", "twig", 8)}) {
    Words on = still;
    on.push_back(newest(from, "one_layer").string());
    train(to, "one_layer", epochs, on);
  }
  for (const char* run : {"branch", "twig"}) {
    const auto last = train::read_checkpoint_head(newest(run, "one_layer")).progress;
    ASSERT_EQ(last.best_step, best);
    EXPECT_EQ(find(folder_ / run).checkpoint, checkpoint_path(folder_ / "run", "one_layer", best));
    EXPECT_TRUE(read_result(folder_ / run)->variants.front().best_test) << run;
  }
}

// Nor need what a branch came from lie in the folder of a run, under its own name, or one alone.
TEST_F(Lineage, TheBestIsFoundWhereverTheCheckpointThatABranchCameFromLies) {
  cut_validation();
  fs::create_directories(folder_ / "flat");
  fs::create_directories(folder_ / "linked");
  fs::create_directories(folder_ / "scratch/device");
  fs::create_directory_symlink(folder_ / "scratch/device", folder_ / "linked/checkpoints");
  train("linked", "one_layer", 6, {"--learning-rate", "0.5", "--keep", "1000"});
  const fs::path last = newest("linked", "one_layer");
  const auto best = train::read_checkpoint_head(last).progress.best_step;
  const auto best_path = checkpoint_path(folder_ / "linked", "one_layer", best);
  ASSERT_NE(last, best_path) << "the case needs a best before the last";
  fs::copy(best_path, folder_ / "flat/best.h5");
  fs::copy(last, folder_ / "flat/last.h5");
  const auto expect_best = [&](const char* run, int epochs, const fs::path& from, const char* at) {
    train(run, "one_layer", epochs,
          {"--learning-rate", "1e-30", "--allow-changes", "--resume", from.string()});
    ASSERT_EQ(train::read_checkpoint_head(newest(run, "one_layer")).progress.best_step, best);
    EXPECT_EQ(find(folder_ / run).checkpoint, at == nullptr ? fs::path() : folder_ / at) << run;
    EXPECT_TRUE(read_result(folder_ / run)->variants.front().best_test) << run;
  };
  const std::string device = "scratch/device/" + best_path.filename().string();
  expect_best("of-link", 7, last, device.c_str());
  expect_best("of-best", 7, folder_ / "flat/best.h5", "flat/best.h5");
  expect_best("twig", 8, newest("of-best", "one_layer"), "flat/best.h5");
  // Two of one folder after each other.
  fs::copy(newest("twig", "one_layer"), folder_ / "flat/twig.h5");
  expect_best("leaf", 9, folder_ / "flat/twig.h5", "flat/best.h5");
  const Words warm{"--warm-start", (folder_ / "leaf").string()};
  train("warm", "one_layer", 1, warm);
  EXPECT_THAT(train("warm", "one_layer", 2, warm), ::testing::HasSubstr("goes on from"));
}

// What lies where a branch came from may be another run by now.
TEST_F(Lineage, ABranchDoesNotTakeAnotherRunsModelForItsBest) {
  cut_validation();
  const Words more{"--learning-rate", "0.5", "--keep", "1000"};
  train("run", "one_layer", 6, more);
  const fs::path last = newest("run", "one_layer");
  const auto best = train::read_checkpoint_head(last).progress.best_step;
  const Words still{"--learning-rate", "1e-30", "--allow-changes", "--resume", last.string()};
  train("branch", "one_layer", 7, still);
  ASSERT_EQ(find(folder_ / "branch").checkpoint,
            checkpoint_path(folder_ / "run", "one_layer", best));
  fs::remove_all(folder_ / "run");
  Words other = more;
  other.insert(other.end(), {"--seed", "99"});
  train("run", "one_layer", 6, other);
  const std::string foreign = checkpoint_path(folder_ / "run", "one_layer", best).string();
  ASSERT_TRUE(fs::exists(foreign));
  EXPECT_EQ(find(folder_ / "branch").checkpoint, newest("branch", "one_layer"));
  EXPECT_THAT(log(), HasSubstr(foreign + ": is of another run by now"));
  const std::string on = train("branch", "one_layer", 8, still);
  EXPECT_THAT(on, HasSubstr(fmt::format("of step {}, is not evaluated on the test part: {}: is of "
                                        "another run by now",
                                        best, foreign)));
  EXPECT_FALSE(read_result(folder_ / "branch")->variants.front().best_test);
}

TEST_F(Lineage, ABranchThatWasMovedWithWhatItCameFromHasItsBest) {
  cut_validation();
  train("then/long/run", "one_layer", 6, {"--learning-rate", "0.5"});
  const auto best =
      train::read_checkpoint_head(newest("then/long/run", "one_layer")).progress.best_step;
  train("then/branch", "one_layer", 7,
        {"--learning-rate", "1e-30", "--allow-changes", "--resume",
         newest("then/long/run", "one_layer").string()});
  fs::rename(folder_ / "then", folder_ / "now");
  EXPECT_EQ(find(folder_ / "now/branch").checkpoint,
            checkpoint_path(folder_ / "now/long/run", "one_layer", best));
  fs::rename(folder_ / "now/long", folder_ / "elsewhere");
  EXPECT_EQ(find(folder_ / "now/branch").checkpoint, newest("now/branch", "one_layer"));
  for (const char* looked_at : {"then/long/run/checkpoints", "now/long/run/checkpoints"}) {
    EXPECT_THAT(log(), HasSubstr(", nor in " + (folder_ / looked_at).string())) << looked_at;
  }
  const auto own = train::read_checkpoint_head(newest("now/branch", "one_layer")).info;
  expect_error(ErrorKind::input,
               HasSubstr("nor " + (folder_ / "now/long/run/checkpoints").string()),
               [&] { find_origin(folder_ / "now/branch", own); });
}

TEST_F(Lineage, ABranchKnowsWhatItCameFromInAnotherPlace) {
  const std::string straight = train("then/run", "one_layer", 3);
  const auto from = [&](const char* folder) {
    return Words{"--resume", checkpoint_path(folder_ / folder / "run", "one_layer", 10).string()};
  };
  train("then/branch", "one_layer", 3, from("then"));
  fs::rename(folder_ / "then", folder_ / "now");
  EXPECT_EQ(digests(train("now/branch", "one_layer", 3, from("now"))), digests(straight));
  train("now/branch", "one_layer", 4, from("now"));
  EXPECT_EQ(train::read_checkpoint_head(newest("now/branch", "one_layer")).info.origin.path,
            from("now")[1]);
}

TEST_F(Lineage, ABranchWhoseOriginIsAnotherRunByNowGoesOnAndSaysSo) {
  const std::string straight = train("run", "one_layer", 3);
  const Words from{"--resume", checkpoint_path(folder_ / "run", "one_layer", 10).string()};
  train("branch", "one_layer", 2, from);
  fs::remove_all(folder_ / "run");
  train("run", "one_layer", 3, {"--seed", "99"});
  const std::string on = train("branch", "one_layer", 3, from);
  EXPECT_THAT(on, HasSubstr("is of another run than the one that one_layer in"));
  EXPECT_EQ(digests(on), digests(straight));
}

TEST_F(Lineage, TheRunsOwnNewestCheckpointIsNoOrigin) {
  const Words one{"--keep", "1"};
  train("run", "one_layer", 1, one);
  Words own = one;
  own.insert(own.end(), {"--resume", newest("run", "one_layer").string()});
  train("run", "one_layer", 2, own);
  EXPECT_EQ(train::read_checkpoint_head(newest("run", "one_layer")).info.origin.path, "");
  EXPECT_THAT(verify("run"), HasSubstr("one_layer: steps 0 to 10 replayed"));
  // On a branch it does not replace the true one.
  const fs::path origin = newest("run", "one_layer");
  train("branch", "one_layer", 3, {"--resume", origin.string()});
  own.back() = newest("branch", "one_layer").string();
  train("branch", "one_layer", 4, own);
  EXPECT_EQ(train::read_checkpoint_head(newest("branch", "one_layer")).info.origin.path, origin);
}

// Of older programs' branches the path alone is known.
TEST_F(Lineage, ABranchOfAnOlderProgramGoesOnByThePathOfItsOrigin) {
  const std::string straight = train("run", "one_layer", 4);
  const Words from{"--resume", checkpoint_path(folder_ / "run", "one_layer", 10).string()};
  train("branch", "one_layer", 3, from);
  const fs::path own = newest("branch", "one_layer");
  forget_model_of_origin(own);
  const auto origin = train::read_checkpoint_head(own).info.origin;
  ASSERT_EQ(origin.model_digest, "");
  EXPECT_EQ(origin.path, from[1]);
  EXPECT_THAT(verify("branch"), HasSubstr("steps 10 to 15 replayed"));
  EXPECT_EQ(digests(train("branch", "one_layer", 4, from)), digests(straight));
}

TEST_F(Lineage, AWarmStartByAFileThatWasMovedGoesOn) {
  train("a", "basic", 1);
  train("b", "basic", 2);
  const auto file = newest("a", "basic").string();
  train("run", "basic", 1, {"--warm-start", file});
  testing::expect_error(ErrorKind::usage, HasSubstr("began with the weights of"), [&] {
    train("run", "basic", 2, {"--warm-start", newest("b", "basic").string()});
  });
  fs::rename(file, file + ".moved.h5");
  EXPECT_THAT(train("run", "basic", 2, {"--warm-start", file + ".moved.h5"}),
              HasSubstr("is not compared"));
}

}  // namespace
}  // namespace nnrec::run
