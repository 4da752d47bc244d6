#include "nnrec/serve/seen_items.hpp"

#include <algorithm>

#include "nnrec/serve/part_rows.hpp"

namespace nnrec::serve {

SeenItems::SeenItems(const shards::ShardSet& set, std::initializer_list<shards::Part> parts,
                     const math::ThreadTeam& team)
    : begins_(set.manifest().user_count + 1, 0) {
  std::vector<std::uint32_t> users;
  std::vector<std::uint32_t> items;
  for (const shards::Part part : parts) {
    visit_part(set, part, team, [&](const shards::RatingColumns& rows) {
      users.insert(users.end(), rows.user.begin(), rows.user.end());
      items.insert(items.end(), rows.item.begin(), rows.item.end());
    });
  }
  for (const std::uint32_t user : users) ++begins_[user + 1];
  for (std::size_t user = 1; user < begins_.size(); ++user) begins_[user] += begins_[user - 1];
  ends_.assign(begins_.begin(), begins_.end() - 1);
  items_.resize(items.size());
  for (std::size_t row = 0; row < users.size(); ++row) items_[ends_[users[row]]++] = items[row];
  for (std::size_t user = 0; user < ends_.size(); ++user) {
    const auto list = std::span(items_).subspan(begins_[user], ends_[user] - begins_[user]);
    std::ranges::sort(list);
    // Clang 14 does not take std::ranges::unique of this library.
    const auto repeated = list.end() - std::unique(list.begin(), list.end());
    ends_[user] -= static_cast<std::size_t>(repeated);
  }
}

std::span<const std::uint32_t> SeenItems::of(std::uint32_t user) const noexcept {
  if (user >= ends_.size()) return {};
  return std::span(items_).subspan(begins_[user], ends_[user] - begins_[user]);
}

bool SeenItems::has(std::uint32_t user, std::uint32_t item) const noexcept {
  return std::ranges::binary_search(of(user), item);
}

}  // namespace nnrec::serve
