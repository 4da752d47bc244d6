#include "nnrec/base/system.hpp"

#include <cstring>

#include <fcntl.h>
#include <gtest/gtest.h>

namespace nnrec {
namespace {

TEST(System, TheReasonIsThatOfTheCallBefore) {
  ASSERT_EQ(open("/no/such/file", O_RDONLY), -1);
  EXPECT_EQ(system_reason(), std::strerror(ENOENT));
  EXPECT_EQ(system_reason(ENOSPC), "No space left on device");
}

TEST(System, TheHostHasAName) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(host_name().find('\0'), std::string::npos);
}

}  // namespace
}  // namespace nnrec
