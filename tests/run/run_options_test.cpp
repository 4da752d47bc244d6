#include "nnrec/run/run_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/models/variants.hpp"

namespace nnrec::run {
namespace {
using ::testing::ElementsAre;

TEST(RunOptions, AllMeansEveryVariantOfTheRegistryInItsOrder) {
  const auto names = RunOptions{}.variant_names();
  ASSERT_EQ(names.size(), models::variants().size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], models::variants()[i].name);
}

TEST(RunOptions, NamesWithCommasKeepTheirOrder) {
  RunOptions options;
  options.variant = "complex,basic";
  EXPECT_THAT(options.variant_names(), ElementsAre("complex", "basic"));
  options.variant = "complex,";
  EXPECT_THAT(options.variant_names(), ElementsAre("complex", "")) << "validation names it";
}

TEST(RunOptions, AMemoryLimitIsANumberOfBytes) {
  RunOptions options;
  EXPECT_EQ(options.memory_limit_bytes(), 0U);
  options.memory_limit = "2kB";
  EXPECT_EQ(options.memory_limit_bytes(), 2000U);
}

}  // namespace
}  // namespace nnrec::run
