#include "nnrec/base/log.hpp"

#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec {
namespace {

std::string written(Log::Progress progress, const std::filesystem::path& path) {
  std::FILE* console = std::fopen(path.c_str(), "w");
  {
    Log log(console, progress);
    log.progress("one");
    log.progress("two");
    log.print("{}", 3);
  }
  std::fclose(console);
  return testing::read_file(path);
}

TEST(Log, ProgressRewritesItselfOnATerminalAndIsLinesElsewhere) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(written(Log::Progress::lines, folder / "console"), "one\ntwo\n3\n");
  EXPECT_EQ(written(Log::Progress::detect, folder / "console"), "one\ntwo\n3\n");
  EXPECT_EQ(written(Log::Progress::rewrite, folder / "console"),
            "\r\033[Kone\r\033[Ktwo\r\033[K3\n");
}

TEST(Log, TheFileKeepsEveryLineAlsoOfASilentLog) {
  const testing::TemporaryFolder folder;
  {
    Log log = Log::silent();
    log.print("before");
    log.open_file(folder / "log.txt");
    log.progress("one");
    log.warn("two");
  }
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "one\nwarning: two\n");
}

TEST(Log, AFileThatCannotBeOpenedIsNamed) {
  const testing::TemporaryFolder folder;
  Log log = Log::silent();
  testing::expect_error(ErrorKind::io, ::testing::HasSubstr("missing/log.txt"),
                        [&] { log.open_file(folder / "missing/log.txt"); });
}

TEST(Log, AConsoleThatRefusesIsAnErrorOnce) {
  const testing::TemporaryFolder folder;
  const FileHandle full(std::fopen("/dev/full", "w"));
  for (const auto how : {Log::Progress::lines, Log::Progress::rewrite}) {
    Log log(full.get(), how);
    log.open_file(folder / "log.txt");
    testing::expect_error(ErrorKind::io, ::testing::HasSubstr("standard output"),
                          [&] { log.progress("one"); });
    EXPECT_NO_THROW(log.print("two"));  // What follows still reaches the file.
  }
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "one\ntwo\none\ntwo\n");
}

TEST(Log, AFileThatRefusesIsNamedOnceAndEndsNothing) {
  const testing::TemporaryFolder folder;
  const FileHandle console(std::fopen((folder / "console").c_str(), "w"));
  Log log(console.get());
  log.open_file("/dev/full");
  log.print("one");
  log.print("two");
  const auto printed = testing::read_file(folder / "console");
  EXPECT_THAT(printed, ::testing::StartsWith("warning: /dev/full: the log cannot be written (No"));
  EXPECT_THAT(printed, ::testing::EndsWith("may be missing\none\ntwo\n"));
}

}  // namespace
}  // namespace nnrec
