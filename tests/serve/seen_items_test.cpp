#include "nnrec/serve/seen_items.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>

#include "nnrec/serve/training_facts.hpp"

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::serve {
namespace {

using shards::Part;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

TEST(SeenItems, AreTheDifferentOnesOfEachUserInTheParts) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 7, 9, 300, 0.2);
  std::vector<std::set<std::uint32_t>> expected(7);
  for (const Part part : {Part::train, Part::validation}) {
    const auto rows = testing::read_part(set, part);
    for (std::size_t row = 0; row < rows.user.size(); ++row)
      expected[rows.user[row]].insert(rows.item[row]);
  }
  const SeenItems seen(set, {Part::train, Part::validation}, math::ThreadTeam(2));
  for (std::uint32_t user = 0; user < 7; ++user) {
    EXPECT_THAT(seen.of(user), ElementsAreArray(expected[user]));
    for (std::uint32_t item = 0; item < 9; ++item)
      EXPECT_EQ(seen.has(user, item), expected[user].contains(item));
  }
  EXPECT_THAT(seen.of(kUnknown), IsEmpty());
}

TEST(SeenItems, OfNoPartAreNone) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 3, 4, 20);
  const SeenItems seen(set, {}, math::ThreadTeam(1));
  EXPECT_THAT(seen.of(0), IsEmpty());
  EXPECT_FALSE(seen.has(2, 0));
}

}  // namespace
}  // namespace nnrec::serve
