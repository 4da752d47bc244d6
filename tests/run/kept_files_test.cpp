#include "nnrec/run/kept_files.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::run {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

class KeptFiles : public testing::DistFixture {};

TEST_F(KeptFiles, AreWhatRunsAndSetsAreMadeOf) {
  train("run", "basic", 6, testing::sampled(2));
  const auto run = folder_ / "run";
  const auto sealed = [&](const std::filesystem::path& file) {
    EXPECT_THAT(kept_as(file), HasSubstr("as its seal tells")) << file;
  };
  sealed(newest("run", "basic"));
  sealed(find_samples(run, "basic").front().path);
  sealed(folder_ / "set" / "manifest.h5");
  std::filesystem::create_symlink(newest("run", "basic"), folder_ / "link");
  sealed(folder_ / "link");
  testing::write_file(run / "options.cfg.given", "epochs = 2\n");
  testing::write_file(run / "ended.json", "{}");
  for (const char* name : {"options.cfg", "options.cfg.given", "log.txt", "history.csv",
                           "result.json", "ended.json", "lock", "basic.saved"})
    EXPECT_THAT(kept_as(run / name), HasSubstr(std::string(name) + " of the run in ")) << name;
  expect_error(ErrorKind::usage,
               HasSubstr("--output " + (run / "log.txt").string() + ": is log.txt of the run in "),
               [&] { require_not_kept("--output", run / "log.txt"); });
}

TEST_F(KeptFiles, AreNotWhatPeopleHave) {
  train("run", "basic", 1);
  testing::write_file(folder_ / "log.txt", "of no run");
  testing::write_file(folder_ / "run" / "answers.tsv", "1 2 3.5\n");
  for (const auto& file : {folder_ / "log.txt", folder_ / "run" / "answers.tsv",
                           folder_ / "run" / "new", folder_ / "run", folder_ / "nowhere" / "x"})
    EXPECT_EQ(kept_as(file), "") << file;
  EXPECT_EQ(kept_as("/dev/null"), "");
}

}  // namespace
}  // namespace nnrec::run
