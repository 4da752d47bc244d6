#include "nnrec/prepare/duplicates.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "nnrec/base/error.hpp"

#include "user_groups.hpp"

namespace nnrec::prepare {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

/// Rows of one (user, item), rising.
using Repeats = std::vector<std::uint32_t>;

/// What one thread found.
struct Findings {
  ItemMarks items;
  std::vector<std::uint64_t> keys;  ///< item and row, for sorting
  Repeats repeats;
  std::uint64_t pairs = 0;
  std::uint64_t rows = 0;           ///< to be dropped
  std::uint64_t first_row = kNone;  ///< the first row whose pair an earlier one has
  std::uint64_t earlier_row = 0;
};

const char* kept_text(importing::Duplicates rule) {
  switch (rule) {
    case importing::Duplicates::last_time:
      return "the latest is kept";
    case importing::Duplicates::first:
      return "the first is kept";
    case importing::Duplicates::last:
      return "the last is kept";
    case importing::Duplicates::mean:
      return "their mean is kept";
    case importing::Duplicates::error:
      break;
  }
  return "none is allowed";
}

std::uint32_t kept_row(const importing::RatingTable& table, const Repeats& rows,
                       importing::Duplicates rule) {
  if (rule == importing::Duplicates::first) return rows.front();
  if (rule == importing::Duplicates::last || !table.has_time()) return rows.back();
  return *std::max_element(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(table.timestamp[a], a) < std::pair(table.timestamp[b], b);
  });
}

class Remover {
 public:
  Remover(importing::RatingTable& table, importing::Duplicates rule, int threads)
      : table_(table), rule_(rule), findings_(static_cast<std::size_t>(threads)) {
    dropped_.resize(table.rows());
    std::fill_n(dropped_.data(), dropped_.size(), std::uint8_t{0});
  }

  void visit(std::uint32_t user, std::span<const std::uint32_t> rows, std::size_t thread) {
    auto& found = findings_[thread];
    found.items.begin(user);
    std::size_t items = 0;
    for (const auto row : rows) items += found.items.mark(table_.item[row]) ? 1 : 0;
    if (items == rows.size()) return;
    found.keys.clear();
    for (const auto row : rows) {
      found.keys.push_back((std::uint64_t{table_.item[row]} << 32) | row);
    }
    std::sort(found.keys.begin(), found.keys.end());
    for (std::size_t start = 0; start < found.keys.size();) {
      auto end = start + 1;
      while (end < found.keys.size() && found.keys[end] >> 32 == found.keys[start] >> 32) ++end;
      if (end > start + 1) settle(found, start, end);
      start = end;
    }
  }

  /// The findings of all threads in one.
  Findings total() const {
    Findings all;
    for (const auto& found : findings_) {
      all.pairs += found.pairs;
      all.rows += found.rows;
      if (found.first_row >= all.first_row) continue;
      all.first_row = found.first_row;
      all.earlier_row = found.earlier_row;
    }
    return all;
  }

  void compact() {
    std::uint64_t to = 0;
    auto end = table_.file_ends.begin();
    for (std::uint64_t row = 0; row < dropped_.size(); ++row) {
      for (; end != table_.file_ends.end() && *end <= row; ++end) *end = to;
      if (dropped_[row] != 0) continue;
      table_.user[to] = table_.user[row];
      table_.item[to] = table_.item[row];
      table_.rating[to] = table_.rating[row];
      if (table_.has_time()) table_.timestamp[to] = table_.timestamp[row];
      ++to;
    }
    for (; end != table_.file_ends.end(); ++end) *end = to;
    table_.user.resize(to);
    table_.item.resize(to);
    table_.rating.resize(to);
    if (table_.has_time()) table_.timestamp.resize(to);
  }

 private:
  void settle(Findings& found, std::size_t start, std::size_t end) {
    found.repeats.clear();
    double sum = 0;
    for (std::size_t at = start; at < end; ++at) {
      found.repeats.push_back(static_cast<std::uint32_t>(found.keys[at]));
      sum += table_.rating[found.repeats.back()];
    }
    const auto kept = kept_row(table_, found.repeats, rule_);
    for (const auto row : found.repeats) dropped_[row] = row != kept ? 1 : 0;
    if (rule_ == importing::Duplicates::mean) {
      table_.rating[kept] = static_cast<float>(sum / static_cast<double>(end - start));
    }
    ++found.pairs;
    found.rows += end - start - 1;
    if (found.repeats[1] < found.first_row) {
      found.first_row = found.repeats[1];
      found.earlier_row = found.repeats[0];
    }
  }

  importing::RatingTable& table_;
  importing::Duplicates rule_;
  shards::Column<std::uint8_t> dropped_;
  std::vector<Findings> findings_;
};

}  // namespace

void remove_duplicates(importing::NumberedRatings& ratings, importing::Duplicates rule,
                       const math::ThreadTeam& team, importing::RepairLog& repairs) {
  auto& table = ratings.table;
  Remover remover(table, rule, team.size());
  for_each_user(table.user, team,
                [&](std::uint32_t user, std::span<const std::uint32_t> rows, std::size_t thread) {
                  remover.visit(user, rows, thread);
                });
  const auto found = remover.total();
  if (found.rows == 0) return;
  const auto place = ratings.places.place(found.first_row);
  if (rule == importing::Duplicates::error) {
    throw InputError(
        "{}: user {} has rated item {} before, at {}; {} rows repeat. Correct the lines, or use "
        "--duplicates last-time, first, last or mean.",
        place, ratings.users.id(table.user[found.first_row]),
        ratings.items.id(table.item[found.first_row]), ratings.places.place(found.earlier_row),
        found.rows);
  }
  repairs.add({found.rows, table.rows(), "ratings"},
              fmt::format("repeat a (user, item), {} pairs: {}, {} ratings kept, {} dropped",
                          found.pairs, kept_text(rule), table.rows() - found.rows, found.rows),
              place);
  remover.compact();
}

}  // namespace nnrec::prepare
