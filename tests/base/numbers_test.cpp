#include "nnrec/base/numbers.hpp"

#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(Numbers, ANumberIsTheWholeField) {
  EXPECT_EQ(parse_number<float>("3.5"), 3.5F);
  EXPECT_EQ(parse_number<std::int64_t>("-7"), -7);
  for (const char* bad : {"", "3,5", "3 ", " 3", "0x10", "3a", "+3", "1e999"}) {
    EXPECT_FALSE(parse_number<float>(bad).has_value()) << bad;
  }
  EXPECT_FALSE(parse_number<std::int64_t>("9223372036854775808").has_value());
  EXPECT_FALSE(parse_number<std::int64_t>("3.0").has_value());
}

TEST(Numbers, SizesInBytesTakeUnitsOfBothKinds) {
  EXPECT_EQ(parse_byte_size("0"), 0U);
  EXPECT_EQ(parse_byte_size("800000000"), 800'000'000U);
  EXPECT_EQ(parse_byte_size("12B"), 12U);
  EXPECT_EQ(parse_byte_size("500MB"), 500'000'000U);
  EXPECT_EQ(parse_byte_size("64kib"), 65'536U);
  EXPECT_EQ(parse_byte_size("2GiB"), 2'147'483'648U);
  EXPECT_EQ(parse_byte_size("1.5KiB"), 1536U);
  EXPECT_EQ(parse_byte_size("1TiB"), std::uint64_t{1} << 40);
  for (const char* bad : {"", "B", "MB", "-1", "1 GB", "1GB ", "1e9", "1.2.3MB", "1XB", "1GiBs",
                          "1M", "0x10", "99999999999999999999", "9000000000TB"}) {
    EXPECT_FALSE(parse_byte_size(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace nnrec
