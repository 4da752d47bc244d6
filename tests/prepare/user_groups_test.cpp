#include "prepare/user_groups.hpp"

#include <map>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

namespace nnrec::prepare {
namespace {

using Groups = std::map<std::uint32_t, std::vector<std::uint32_t>>;

Groups groups_of(const std::vector<std::uint32_t>& users, int threads) {
  Groups groups;
  std::mutex mutex;
  for_each_user(users, math::ThreadTeam(threads),
                [&](std::uint32_t user, std::span<const std::uint32_t> rows, std::size_t) {
                  const std::lock_guard lock(mutex);
                  EXPECT_TRUE(groups.emplace(user, std::vector(rows.begin(), rows.end())).second)
                      << "user " << user << " is visited twice";
                });
  return groups;
}

/// Row by row.
Groups naive_groups(const std::vector<std::uint32_t>& users) {
  Groups groups;
  for (std::uint32_t row = 0; row < users.size(); ++row) groups[users[row]].push_back(row);
  return groups;
}

TEST(UserGroups, EachUserIsVisitedOnceWithItsRowsRising) {
  const std::vector<std::uint32_t> together{3, 3, 3, 0, 0, 7, 1, 1};
  std::vector<std::uint32_t> scattered;
  for (std::uint32_t row = 0; row < 5000; ++row) scattered.push_back(row * 2654435761U % 137);
  for (const int threads : {1, 2, 3}) {
    EXPECT_EQ(groups_of(together, threads), naive_groups(together));
    EXPECT_EQ(groups_of(scattered, threads), naive_groups(scattered));
    EXPECT_TRUE(groups_of({}, threads).empty());
  }
}

TEST(ItemMarks, AreForgottenWhenTheNextUserBegins) {
  ItemMarks marks;
  marks.begin(4);
  EXPECT_TRUE(marks.mark(9));
  EXPECT_FALSE(marks.mark(9));
  EXPECT_TRUE(marks.take_away(9));
  EXPECT_FALSE(marks.take_away(9));
  EXPECT_TRUE(marks.mark(9));
  marks.begin(5);
  EXPECT_FALSE(marks.take_away(9));
  EXPECT_TRUE(marks.mark(9));
}

}  // namespace
}  // namespace nnrec::prepare
