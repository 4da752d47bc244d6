#include "nnrec/base/build.hpp"

#include <gmock/gmock.h>

namespace nnrec {
namespace {
using ::testing::ContainsRegex;

TEST(Build, NamesAllThatMayDecideBits) {
  const std::string lines = build_lines();
  EXPECT_THAT(lines, ContainsRegex("^version = [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_THAT(lines, ContainsRegex("\ncommit = ([0-9a-f]{12,}( with changes)?|unknown)\n"));
  EXPECT_THAT(lines, ContainsRegex("\nsources = [0-9a-f]{16}\n"));
  EXPECT_THAT(lines, ContainsRegex("\ncompiler = (GNU|Clang) [0-9]+\\.[0-9.]+\n"));
  EXPECT_THAT(lines, ContainsRegex("\nflags = [^\n]*-march="));
  EXPECT_THAT(lines, ContainsRegex("\neigen = 3\\.[0-9.]+\n"));
  EXPECT_THAT(lines, ContainsRegex("\nlibc = 2\\.[0-9]+\n"));
}

}  // namespace
}  // namespace nnrec
