#include "nnrec/serve/id_index.hpp"

#include "nnrec/serve/training_facts.hpp"

#include "support/expect_error.hpp"

namespace nnrec::serve {
namespace {

TEST(IdIndex, FindsIdsByteByByte) {
  const std::vector<std::string> ids{"196", "tt0113277", "7"};
  const IdIndex index(ids);
  EXPECT_EQ(index.find("196"), 0U);
  EXPECT_EQ(index.find("7"), 2U);
  for (const char* other : {"07", "7.0", "", "1", "TT0113277"}) {
    EXPECT_EQ(index.find(other), kUnknown) << other;
  }
}

TEST(IdIndex, AnUnknownIdIsRefusedWithTheNearestOne) {
  const std::vector<std::string> ids{"196", "tt0113277"};
  const IdIndex index(ids);
  EXPECT_EQ(index.at("item", "tt0113277"), 1U);
  testing::expect_error(
      ErrorKind::input,
      ::testing::HasSubstr("item tt0113227 is not known (did you mean tt0113277?)"),
      [&] { index.at("item", "tt0113227"); });
}

}  // namespace
}  // namespace nnrec::serve
