#include "nnrec/run/run_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/models/variants.hpp"

#include "support/expect_error.hpp"

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

TEST(RunOptions, HiddenLayersAreNumbersWithCommas) {
  EXPECT_EQ(parse_hidden("9,5,65536"), (std::vector<std::size_t>{9, 5, 65536}));
  EXPECT_EQ(parse_hidden("64"), std::vector<std::size_t>{64});
  EXPECT_TRUE(parse_hidden("published").empty());
  for (const char* text : {"", "0", "64,", ",64", "64,-1", "64;16", "65537", "6 4",
                           "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"}) {
    testing::expect_error(ErrorKind::usage, ::testing::HasSubstr("1 to 16 numbers in 1..65536"),
                          [&] { parse_hidden(text); });
  }
}

TEST(RunOptions, SizesBecomeThoseOfTheVariant) {
  RunOptions options;
  options.embedding_dim = 16;
  options.hidden = "9,5";
  options.age_units = 3;
  options.genre_units = 2;
  const models::VariantOptions sizes = options.sizes(3.5);
  EXPECT_EQ(sizes.embedding_dim, 16U);
  EXPECT_EQ(sizes.hidden, (std::vector<std::size_t>{9, 5}));
  EXPECT_EQ(sizes.age_units, 3U);
  EXPECT_EQ(sizes.genre_units, 2U);
}

}  // namespace
}  // namespace nnrec::run
