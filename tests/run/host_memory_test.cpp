#include "nnrec/run/host_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace nnrec::run {
namespace {

using ::testing::HasSubstr;

class HostMemoryOf : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    testing::write_file(path, text);
  }
  testing::TemporaryFolder root_;
};

TEST_F(HostMemoryOf, NothingIsSaidWhereNothingCanBeRead) {
  EXPECT_FALSE(available_memory(root_ / "none"));
}

TEST_F(HostMemoryOf, WithoutLimitsTheHostSays) {
  write("proc/meminfo", "MemTotal:  100 kB\nMemFree:  10 kB\nMemAvailable:      64 kB\n");
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "max\n");
  write("sys/fs/cgroup/memory.current", "5\n");
  EXPECT_EQ(available_memory(root_ / "")->available, 65536U);
  EXPECT_THAT(available_memory(root_ / "")->bound, HasSubstr("MemAvailable"));
}

TEST_F(HostMemoryOf, ALimitOfAGroupAroundCounts) {
  write("proc/meminfo", "MemAvailable: 1000000 kB\n");
  write("proc/self/cgroup", "0::/job/step\n");
  write("sys/fs/cgroup/job/step/memory.max", "max\n");
  write("sys/fs/cgroup/job/step/memory.current", "100\n");
  write("sys/fs/cgroup/job/memory.max", "5000\n");
  write("sys/fs/cgroup/job/memory.current", "3000\n");
  write("sys/fs/cgroup/job/memory.stat", "anon 2000\ninactive_file 800\n");
  EXPECT_EQ(available_memory(root_ / "")->available, 2800U);
  EXPECT_THAT(available_memory(root_ / "")->bound, HasSubstr("control group /job/step"));
}

TEST_F(HostMemoryOf, TheFirstVersionIsReadToo) {
  write("proc/meminfo", "MemAvailable: 1000000 kB\n");
  write("proc/self/cgroup", "7:cpu:/a\n4:memory:/a\n0::/\n");
  write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4096\n");
  write("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "5000\n");
  write("sys/fs/cgroup/memory/a/memory.stat", "total_inactive_file 1000\n");
  EXPECT_EQ(available_memory(root_ / "")->available, 96U);
}

TEST_F(HostMemoryOf, AProcessCountsItsShareOfSharedPages) {
  EXPECT_FALSE(own_memory(root_ / "none"));
  write("proc/self/smaps_rollup", "5600-7ffd ---p 0 00:00 0 [rollup]\nRss:  900 kB\nPss:  32 kB\n");
  EXPECT_EQ(own_memory(root_ / ""), 32768U);
}

}  // namespace
}  // namespace nnrec::run
