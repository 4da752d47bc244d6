#include "nnrec/base/log.hpp"

#include <array>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "nnrec/base/stop_signals.hpp"

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

TEST(Log, ALivingLineIsOnATerminalAlone) {
  const testing::TemporaryFolder folder;
  for (const auto progress : {Log::Progress::rewrite, Log::Progress::lines}) {
    std::FILE* console = std::fopen((folder / "console").c_str(), "w");
    {
      Log log(console, progress);
      log.open_file(folder / "log.txt");
      log.living("half");
      log.print("whole");
    }
    std::fclose(console);
    EXPECT_EQ(testing::read_file(folder / "console"),
              progress == Log::Progress::rewrite ? "\r\033[Khalf\r\033[Kwhole\n" : "whole\n");
  }
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "whole\nwhole\n");
}

TEST(Log, AQuietConsoleGetsWarningsAlone) {
  const testing::TemporaryFolder folder;
  std::FILE* console = std::fopen((folder / "console").c_str(), "w");
  {
    Log log(console, Log::Progress::rewrite);
    log.open_file(folder / "log.txt");
    log.be_quiet();
    log.print("one");
    log.progress("two");
    log.living("three");
    log.warn("four");
  }
  std::fclose(console);
  EXPECT_EQ(testing::read_file(folder / "console"), "warning: four\n");
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "one\ntwo\nwarning: four\n");
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

TEST(Log, AConsoleThatNobodyReadsHoldsNoStopBack) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const int size = fcntl(ends[1], F_SETPIPE_SZ, 4096);
  const FileHandle console(fdopen(ends[1], "w"));
  const testing::TemporaryFolder folder;
  const StopSignals signals;
  raise(SIGTERM);
  {
    Log log(console.get());
    log.open_file(folder / "log.txt");
    log.print("{}", std::string(static_cast<std::size_t>(size) - 1, 'a'));  // the pipe is full
    log.print("saved");
  }
  EXPECT_TRUE(testing::read_file(folder / "log.txt").ends_with("a\nsaved\n"));
  close(ends[0]);
}

TEST(Log, AConsoleThatRefusesIsAnErrorOnce) {
  const FileHandle full(std::fopen("/dev/full", "w"));
  for (const auto how : {Log::Progress::lines, Log::Progress::rewrite}) {
    Log log(full.get(), how);
    testing::expect_error(ErrorKind::io, ::testing::HasSubstr("standard output"),
                          [&] { log.progress("one"); });
    EXPECT_NO_THROW(log.print("two"));
  }
}

const std::string kRefused =
    "warning: the standard output cannot be written: No space left on device; lines go on in this "
    "file alone\n";

// T33: a training whose output went to head, or to a full disk, died of it.
TEST(Log, WithAFileAConsoleThatRefusesEndsNothing) {
  const testing::TemporaryFolder folder;
  const FileHandle full(std::fopen("/dev/full", "w"));
  Log log(full.get(), Log::Progress::lines);
  log.open_file(folder / "log.txt");
  log.progress("one");
  log.print("two");
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "one\n" + kRefused + "two\n");
}

TEST(Log, AConsoleThatRefusesBeforeTheFileThatIsAwaitedEndsNothing) {
  const testing::TemporaryFolder folder;
  const FileHandle full(std::fopen("/dev/full", "w"));
  Log log(full.get(), Log::Progress::lines);
  log.await_file();
  log.print("one");
  log.print("two");
  log.open_file(folder / "log.txt");
  log.print("three");
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "one\n" + kRefused + "two\nthree\n");
}

TEST(Log, WhatTheConsoleTookBeforeTheFileIsOnTheConsoleAlone) {
  const testing::TemporaryFolder folder;
  const FileHandle console(std::fopen((folder / "console").c_str(), "w"));
  Log log(console.get(), Log::Progress::lines);
  log.await_file();
  log.print("one");
  log.open_file(folder / "log.txt");
  log.print("two");
  EXPECT_EQ(testing::read_file(folder / "log.txt"), "two\n");
  EXPECT_EQ(testing::read_file(folder / "console"), "one\ntwo\n");
}

TEST(Log, WhereConsoleAndFileRefuseTheProgramGoesOn) {
  const FileHandle full(std::fopen("/dev/full", "w"));
  Log log(full.get(), Log::Progress::lines);
  log.open_file("/dev/full");
  EXPECT_NO_THROW(log.print("one"));
  EXPECT_NO_THROW(log.print("two"));
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
