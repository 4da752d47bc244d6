#include "nnrec/base/patient_stream.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/base/stop_signals.hpp"

#include "support/temporary_folder.hpp"

namespace nnrec {
namespace {

/// What a reader of `descriptor` gets until its writers are gone.
std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 1000> bytes{};
  for (ssize_t count; (count = read(descriptor, bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(count));
  close(descriptor);
  return text;
}

class PatientPipe : public ::testing::Test {
 protected:
  PatientPipe() {
    if (mkfifo(path_.c_str(), 0600) != 0) ADD_FAILURE() << path_ << " cannot be made";
  }
  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "pipe";
};

TEST(PatientStream, AppendsToAFileThatItMakes) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder / "file";
  for (const char* text : {"one\n", "two\n"})
    EXPECT_EQ(write_patiently(open_to_append(path).get(), text), Written::all);
  EXPECT_EQ(testing::read_file(path), "one\ntwo\n");
  EXPECT_EQ(open_to_append(folder / "missing/file"), nullptr);
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(PatientPipe, WaitsForWhoReadsIt) {
  const StopSignals nothing_is_asked;
  const std::string text(std::size_t{1} << 20, 'x');  // many times what a pipe holds
  std::string got;
  std::thread reader;
  int waits = 0;
  {
    const FileHandle file = open_to_append(path_, [&] {
      ++waits;
      reader = std::thread([&] { got = read_to_end(open(path_.c_str(), O_RDONLY)); });
    });
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(write_patiently(file.get(), text), Written::all);
  }
  reader.join();
  EXPECT_EQ(waits, 1);
  EXPECT_EQ(got, text);
}

TEST_F(PatientPipe, AStopFindsNobodyWaitingForAReader) {
  {
    const StopSignals signals;
    EXPECT_EQ(open_to_append(path_, [] { raise(SIGTERM); }), nullptr);
    EXPECT_EQ(errno, EINTR);
  }
  const StopSignals signals;
  const int pauses = open(path_.c_str(), O_RDWR);  // reads nothing
  const FileHandle file = open_to_append(path_, [] { FAIL() << "it has a reader"; });
  std::thread stop([] { raise(SIGTERM); });
  EXPECT_EQ(write_patiently(file.get(), std::string(std::size_t{1} << 20, 'x')), Written::stopped);
  stop.join();
  close(pauses);
}

TEST(PatientStream, AFileThatTheStandardOutputGoesToKeepsTheLinesOfBoth) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path path = folder / "file";
  const int former = dup(STDOUT_FILENO);
  const int redirected = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  dup2(redirected, STDOUT_FILENO);
  const auto say = [](const char* line) { return write(STDOUT_FILENO, line, 2) == 2; };
  const bool said = say("1\n");
  const FileHandle file = open_to_append(path);
  EXPECT_EQ(write_patiently(file.get(), "2\n"), Written::all);
  const bool said_more = say("3\n");
  EXPECT_EQ(write_patiently(file.get(), "4\n"), Written::all);
  dup2(former, STDOUT_FILENO);
  close(former);
  close(redirected);
  EXPECT_TRUE(said && said_more);
  EXPECT_EQ(testing::read_file(path), "1\n2\n3\n4\n");
}

TEST(PatientStream, WhatRefusesSaysWhy) {
  const FileHandle full(std::fopen("/dev/full", "w"));
  EXPECT_EQ(write_patiently(full.get(), "text"), Written::refused);
  EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace nnrec
