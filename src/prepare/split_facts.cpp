#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <vector>

#include "nnrec/prepare/split.hpp"

#include "user_groups.hpp"

namespace nnrec::prepare {
namespace {

constexpr std::uint64_t kBlockRows = 1 << 18;
constexpr std::uint8_t kTrained = 1;
constexpr std::uint8_t kTested = 2;
/// By part, what an item or user with rows in it has.
constexpr std::array<std::uint8_t, shards::kParts.size()> kMarks{kTrained, 0, kTested};

/// What one thread sees.
struct Sight {
  ItemMarks elsewhere;              ///< items that the user has outside the test part
  std::vector<std::uint8_t> items;  ///< by item: kTrained, kTested
  std::uint64_t overlap_pairs = 0;
  std::vector<std::uint32_t> cold_users;
  std::uint64_t users = 0;
  std::uint64_t test_users = 0;
  std::int64_t earliest_test = std::numeric_limits<std::int64_t>::max();
};

class Examiner {
 public:
  Examiner(const importing::RatingTable& table, const shards::Column<shards::Part>& parts,
           const math::ThreadTeam& team)
      : table_(table), parts_(parts), team_(team), sights_(static_cast<std::size_t>(team.size())) {
    for_each_user(table.user, team,
                  [this](std::uint32_t user, std::span<const std::uint32_t> rows,
                         std::size_t thread) { visit(sights_[thread], user, rows); });
  }

  SplitFacts facts() const {
    SplitFacts facts;
    std::vector<std::uint8_t> items;
    auto earliest_test = std::numeric_limits<std::int64_t>::max();
    for (const auto& sight : sights_) {
      facts.overlap_pairs += sight.overlap_pairs;
      facts.cold_users += sight.cold_users.size();
      facts.users += sight.users;
      facts.test_users += sight.test_users;
      earliest_test = std::min(earliest_test, sight.earliest_test);
      items.resize(std::max(items.size(), sight.items.size()), 0);
      for (std::size_t item = 0; item < sight.items.size(); ++item)
        items[item] |= sight.items[item];
    }
    facts.cold_items = static_cast<std::uint64_t>(std::count(items.begin(), items.end(), kTested));
    facts.test_items = static_cast<std::uint64_t>(std::count_if(
        items.begin(), items.end(), [](std::uint8_t seen) { return (seen & kTested) != 0; }));
    facts.test_rows = count_rows([&](std::uint64_t row) { return is_test(row); });
    facts.cold_rows = count_cold_rows(items);
    facts.train_rows_after_test = table_.has_time() ? count_train_rows_after(earliest_test) : 0;
    return facts;
  }

 private:
  void visit(Sight& sight, std::uint32_t user, std::span<const std::uint32_t> rows) const {
    sight.elsewhere.begin(user);
    ++sight.users;
    std::uint8_t seen = 0;
    for (const auto row : rows) {
      const auto part = parts_[row];
      const auto item = table_.item[row];
      const auto mark = kMarks[static_cast<std::size_t>(part)];
      seen = static_cast<std::uint8_t>(seen | mark);
      if (item >= sight.items.size()) {
        sight.items.resize(std::max<std::size_t>(item + 1ULL, 2 * sight.items.size()), 0);
      }
      sight.items[item] = static_cast<std::uint8_t>(sight.items[item] | mark);
      if (part != shards::Part::test) sight.elsewhere.mark(item);
    }
    if (seen == kTested) sight.cold_users.push_back(user);
    if ((seen & kTested) == 0) return;
    ++sight.test_users;
    for (const auto row : rows) {
      if (parts_[row] != shards::Part::test) continue;
      sight.overlap_pairs += sight.elsewhere.take_away(table_.item[row]) ? 1 : 0;
      if (table_.has_time()) {
        sight.earliest_test = std::min(sight.earliest_test, table_.timestamp[row]);
      }
    }
  }

  bool is_test(std::uint64_t row) const { return parts_[row] == shards::Part::test; }

  std::uint64_t count_cold_rows(const std::vector<std::uint8_t>& items) const {
    std::vector<std::uint8_t> cold;  // by user
    for (const auto& sight : sights_) {
      for (const auto user : sight.cold_users) {
        if (user >= cold.size())
          cold.resize(std::max<std::size_t>(user + 1ULL, 2 * cold.size()), 0);
        cold[user] = 1;
      }
    }
    return count_rows([&](std::uint64_t row) {
      const auto user = table_.user[row];
      return is_test(row) &&
             ((user < cold.size() && cold[user] != 0) || items[table_.item[row]] == kTested);
    });
  }

  std::uint64_t count_train_rows_after(std::int64_t instant) const {
    return count_rows([&](std::uint64_t row) {
      return parts_[row] == shards::Part::train && table_.timestamp[row] > instant;
    });
  }

  template <typename Holds>
  std::uint64_t count_rows(const Holds& holds) const {
    std::vector<std::uint64_t> counts(table_.rows() / kBlockRows + 1);
    team_.for_each(counts.size(), [&](std::size_t block, std::size_t) {
      const auto start = block * kBlockRows;
      const auto end = std::min(start + kBlockRows, table_.rows());
      std::uint64_t count = 0;
      for (auto row = start; row < end; ++row) count += holds(row) ? 1 : 0;
      counts[block] = count;
    });
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }

  const importing::RatingTable& table_;
  const shards::Column<shards::Part>& parts_;
  const math::ThreadTeam& team_;
  std::vector<Sight> sights_;
};

}  // namespace

SplitFacts examine_split(const importing::RatingTable& table,
                         const shards::Column<shards::Part>& parts, const math::ThreadTeam& team) {
  return Examiner(table, parts, team).facts();
}

}  // namespace nnrec::prepare
