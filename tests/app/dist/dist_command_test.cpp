#include "nnrec/app/dist_command.hpp"

#include "nnrec/io/folder_lock.hpp"

#include "support/dist_fixture.hpp"
#include "support/expect_error.hpp"

namespace nnrec::app {
namespace {
namespace fs = std::filesystem;

using testing::expect_error;
using ::testing::HasSubstr;
using testing::run_dist;

class DistCommand : public testing::DistFixture {};

TEST_F(DistCommand, ResumeNeverRefusesAFolderWithARun) {
  train("run", "basic", 1, {"--resume", "never"});
  expect_error(ErrorKind::usage, HasSubstr("holds another run"), [&] {
    train("run", "basic", 1, {"--resume", "never"});
  });
}

TEST_F(DistCommand, ASecondJobInTheFolderStops) {
  train("run", "basic", 1);
  const io::FolderLock other(folder_ / "run", 0);
  expect_error(ErrorKind::usage, HasSubstr("is in use by process"), [&] {
    run_dist({2, 1, arguments("run", "basic", 2)});
  });
}

TEST_F(DistCommand, ARefusedCommandLeavesNoNewFolder) {
  expect_error(ErrorKind::input, HasSubstr("nowhere.h5"), [&] {
    train("fresh", "one_layer", 1, {"--resume", (folder_ / "nowhere.h5").string()});
  });
  EXPECT_FALSE(fs::exists(folder_ / "fresh"));
}

TEST_F(DistCommand, VerifySaysWhatIsNotARun) {
  expect_error(ErrorKind::usage, HasSubstr("is not the folder of a run"), [&] {
    run_dist({1, 1, {"--verify", (folder_ / "set").string()}});
  });
}

}  // namespace
}  // namespace nnrec::app
