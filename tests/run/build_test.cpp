#include "nnrec/run/build.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace nnrec::run {
namespace {
using ::testing::ContainsRegex;
using ::testing::ElementsAre;

using ::testing::IsEmpty;

TEST(RunBuild, NamesTheLibrariesItRunsWith) {
  const std::string hdf5 = "\nhdf5 = 1\\.[0-9]+\\.[0-9]+\n";
  EXPECT_THAT(build_lines("Open MPI v4.1.4"), ContainsRegex(hdf5 + "mpi = Open MPI v4.1.4\n$"));
  EXPECT_THAT(build_lines(), ContainsRegex(hdf5 + "$")) << "a program without ranks";
}

TEST(RunBuild, DiffersByWhatMayGiveOtherBitsAndByWhatMayNot) {
  const auto found = build_differences(
      "commit = 2\nflags = -O3\nhdf5 = 1.14.0\nlibc = 2.41\nmpi = A\nversion = 1\n",
      "commit = 1\nflags = -O2\nhdf5 = 1.10.8\nlibc = 2.36\nmpi = A\nversion = 1\n");
  EXPECT_THAT(found.deciding, ElementsAre("build: flags = -O3, was -O2"));
  EXPECT_THAT(found.others,
              ElementsAre("build: commit = 2, was 1", "build: hdf5 = 1.14.0, was 1.10.8",
                          "build: libc = 2.41, was 2.36"));
}

TEST(RunBuild, OfWhichNothingIsKnownDiffers) {
  EXPECT_THAT(build_differences("eigen = 3.4.0\n", "").deciding,
              ElementsAre("build: eigen = 3.4.0, was not known"));
  EXPECT_THAT(build_differences(build_lines("A"), build_lines("B")).deciding, IsEmpty());
}

}  // namespace
}  // namespace nnrec::run
