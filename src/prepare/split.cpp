#include "nnrec/prepare/split.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"
#include "nnrec/math/permuted.hpp"

#include "user_groups.hpp"

namespace nnrec::prepare {
namespace {

constexpr std::uint64_t kBlockRows = 1 << 15;

std::uint64_t share(std::uint64_t rows, double fraction) {
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(rows) * fraction));
}

/// A fraction below 1, or a number.
struct Amount {
  double value;
  bool is_fraction() const { return value < 1; }
  std::uint64_t of(std::uint64_t rows) const {
    if (is_fraction()) return share(rows, value);
    return value < static_cast<double>(rows) ? static_cast<std::uint64_t>(value) : rows;
  }
};

/// Moves rows of the train part into another part. The rules compose: validation is cut as test is.
class Cutter {
 public:
  Cutter(const importing::RatingTable& table, const math::ThreadTeam& team)
      : table_(table), team_(team) {
    parts_.resize(table.rows());
    std::fill_n(parts_.data(), parts_.size(), shards::Part::train);
  }

  shards::Column<shards::Part>& parts() noexcept { return parts_; }
  std::uint64_t count(shards::Part part) const {
    return static_cast<std::uint64_t>(std::count(parts_.begin(), parts_.end(), part));
  }
  void cut_positions(std::uint64_t begin, std::uint64_t end, std::uint64_t seed, std::uint64_t step,
                     shards::Part to);
  void cut_last_positions(Amount amount, std::uint64_t seed, std::uint64_t step, shards::Part to);
  std::int64_t cut_from(std::int64_t instant, shards::Part to);
  std::int64_t cut_latest(double fraction, shards::Part to);
  void cut_last_of_users(Amount amount, shards::Part to);
  void cut_files(const SplitOptions& options, shards::Part to);

 private:
  template <typename Use>
  void for_each_block(const Use& use) const {
    const auto blocks = (table_.rows() + kBlockRows - 1) / kBlockRows;
    team_.for_each(blocks, [&](std::size_t block, std::size_t) {
      const auto start = block * kBlockRows;
      use(block, start, std::min(start + kBlockRows, table_.rows()));
    });
  }
  std::uint64_t train_rows_from(std::int64_t instant) const;
  void require_times() const;

  const importing::RatingTable& table_;
  const math::ThreadTeam& team_;
  shards::Column<shards::Part> parts_;
};

/// Rows whose train rank has a position in [begin, end) of the shuffle.
void Cutter::cut_positions(std::uint64_t begin, std::uint64_t end, std::uint64_t seed,
                           std::uint64_t step, shards::Part to) {
  std::vector<std::uint64_t> first_rank(table_.rows() / kBlockRows + 2, 0);
  for_each_block([&](std::size_t block, std::uint64_t start, std::uint64_t stop) {
    first_rank[block + 1] = static_cast<std::uint64_t>(
        std::count(parts_.begin() + start, parts_.begin() + stop, shards::Part::train));
  });
  for (std::size_t block = 1; block < first_rank.size(); ++block) {
    first_rank[block] += first_rank[block - 1];
  }
  if (first_rank.back() == 0) return;
  const Permutation position(first_rank.back(), seed, Purpose::split, step);
  for_each_block([&](std::size_t block, std::uint64_t start, std::uint64_t stop) {
    std::vector<std::uint64_t> positions(first_rank[block + 1] - first_rank[block]);
    math::permuted_values(position, first_rank[block], positions);
    auto at = positions.begin();
    for (auto row = start; row < stop; ++row) {
      if (parts_[row] != shards::Part::train) continue;
      const auto own = *at++;
      // Wraps to a large number before the range. Not a branch: no one could guess it.
      parts_[row] = own - begin < end - begin ? to : shards::Part::train;
    }
  });
}

void Cutter::cut_last_positions(Amount amount, std::uint64_t seed, std::uint64_t step,
                                shards::Part to) {
  const auto rows = count(shards::Part::train);
  cut_positions(rows - amount.of(rows), rows, seed, step, to);
}

void Cutter::require_times() const {
  if (table_.has_time()) return;
  throw InputError(
      "the time split needs times, and there is no timestamp column. Use --split random, or name "
      "the column with --columns.");
}

std::uint64_t Cutter::train_rows_from(std::int64_t instant) const {
  std::atomic<std::uint64_t> total = 0;
  for_each_block([&](std::size_t, std::uint64_t start, std::uint64_t stop) {
    std::uint64_t count = 0;
    for (auto row = start; row < stop; ++row) {
      count += table_.timestamp[row] >= instant && parts_[row] == shards::Part::train ? 1 : 0;
    }
    total += count;
  });
  return total;
}

std::int64_t Cutter::cut_from(std::int64_t instant, shards::Part to) {
  require_times();
  if (train_rows_from(instant) == 0) {
    const auto [low, high] = std::minmax_element(table_.timestamp.begin(), table_.timestamp.end());
    throw InputError(
        "no rating is at {} or later: times go from {} to {}. Choose an instant within.", instant,
        *low, *high);
  }
  for_each_block([&](std::size_t, std::uint64_t start, std::uint64_t stop) {
    for (auto row = start; row < stop; ++row) {
      if (table_.timestamp[row] >= instant && parts_[row] == shards::Part::train) parts_[row] = to;
    }
  });
  return instant;
}

std::int64_t Cutter::cut_latest(double fraction, shards::Part to) {
  require_times();
  const auto most = share(count(shards::Part::train), fraction);
  const auto [first, last] = std::minmax_element(table_.timestamp.begin(), table_.timestamp.end());
  // The first instant from which on there are few enough rows.
  auto low = *first;
  auto high = *last + 1;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    if (train_rows_from(middle) > most) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (most == 0 || train_rows_from(low) == 0) {
    throw InputError(
        "more than {} of the ratings have the latest time: no instant cuts so few off. Give a "
        "larger --test-fraction (or --validation).",
        fraction);
  }
  auto earliest = *last;
  for (std::uint64_t row = 0; row < table_.rows(); ++row) {
    const bool late = table_.timestamp[row] >= low && parts_[row] == shards::Part::train;
    if (late) earliest = std::min(earliest, table_.timestamp[row]);
  }
  return cut_from(earliest, to);
}

void Cutter::cut_last_of_users(Amount amount, shards::Part to) {
  std::vector<std::vector<std::uint32_t>> scratch(static_cast<std::size_t>(team_.size()));
  for_each_user(table_.user, team_,
                [&](std::uint32_t, std::span<const std::uint32_t> all, std::size_t thread) {
                  auto& rows = scratch[thread];
                  rows.clear();
                  for (const auto row : all) {
                    if (parts_[row] == shards::Part::train) rows.push_back(row);
                  }
                  if (rows.empty()) return;
                  const auto take =
                      std::min<std::uint64_t>(amount.of(rows.size()), rows.size() - 1);
                  if (table_.has_time()) {
                    std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
                      return std::pair(table_.timestamp[a], a) < std::pair(table_.timestamp[b], b);
                    });
                  }
                  for (auto at = rows.size() - take; at < rows.size(); ++at) parts_[rows[at]] = to;
                });
}

void Cutter::cut_files(const SplitOptions& options, shards::Part to) {
  const auto train = options.train_files.size();
  if (train == 0 || options.test_files.empty() ||
      table_.file_ends.size() != train + options.test_files.size()) {
    throw InputError(
        "the files split needs files to train on and others. Give --train and --test.");
  }
  std::fill(parts_.data() + table_.file_ends[train - 1], parts_.data() + table_.file_ends.back(),
            to);
}

/// Folders of the machine are no part of the data.
std::string names_of(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(std::filesystem::path(file).filename().string());
  return fmt::format("{}", fmt::join(names, ","));
}

std::string cut_test(Cutter& cutter, const importing::RatingTable& table,
                     const SplitOptions& options) {
  const auto order = table.has_time() ? "" : " order=file";
  const auto rows = table.rows();
  switch (options.rule) {
    case SplitRule::random: {
      const auto test_rows = share(rows, options.test_fraction);
      cutter.cut_positions(rows - test_rows, rows, options.seed, 0, shards::Part::test);
      return fmt::format("random test_fraction={} seed={}", options.test_fraction, options.seed);
    }
    case SplitRule::kfold:
      cutter.cut_positions(rows * (options.fold - 1) / options.folds,
                           rows * options.fold / options.folds, options.seed, 0,
                           shards::Part::test);
      return fmt::format("kfold folds={} fold={} seed={}", options.folds, options.fold,
                         options.seed);
    case SplitRule::files:
      cutter.cut_files(options, shards::Part::test);
      return fmt::format("files train={} test={}", names_of(options.train_files),
                         names_of(options.test_files));
    case SplitRule::time:
      return fmt::format("time test_from={}",
                         options.test_from
                             ? cutter.cut_from(*options.test_from, shards::Part::test)
                             : cutter.cut_latest(options.test_fraction, shards::Part::test));
    case SplitRule::per_user:
      if (options.test_last) {
        cutter.cut_last_of_users({static_cast<double>(*options.test_last)}, shards::Part::test);
        return fmt::format("per-user test_last={}{}", *options.test_last, order);
      }
      cutter.cut_last_of_users({options.test_fraction}, shards::Part::test);
      return fmt::format("per-user test_fraction={}{}", options.test_fraction, order);
    case SplitRule::leave_one_out:
      cutter.cut_last_of_users({1}, shards::Part::test);
      return fmt::format("leave-one-out{}", order);
  }
  throw InternalError("a split rule without code");
}

std::string cut_validation(Cutter& cutter, const SplitOptions& options) {
  const Amount amount{options.validation};
  switch (options.rule) {
    case SplitRule::time: {
      const auto from =
          amount.is_fraction()
              ? cutter.cut_latest(amount.value, shards::Part::validation)
              : cutter.cut_from(static_cast<std::int64_t>(amount.value), shards::Part::validation);
      return fmt::format(" validation_from={}", from);
    }
    case SplitRule::per_user:
      cutter.cut_last_of_users(amount, shards::Part::validation);
      break;
    case SplitRule::leave_one_out:
      cutter.cut_last_of_users({1}, shards::Part::validation);
      return " validation=1";
    default:
      cutter.cut_last_positions(amount, options.seed, 1, shards::Part::validation);
  }
  return fmt::format(" validation={}", amount.value);
}

const char* remedy_of(const SplitOptions& options) {
  switch (options.rule) {
    case SplitRule::files:
      return "Use another --train than a part of --test, or a smaller --validation";
    case SplitRule::kfold:
    case SplitRule::leave_one_out:
      return "Use more ratings or a smaller --validation";
    case SplitRule::time:
      return "Use a later --test-from, or a smaller --test-fraction or --validation";
    case SplitRule::random:
    case SplitRule::per_user:
      break;
  }
  return "Use a smaller --test-fraction or --validation";
}

}  // namespace

SplitResult split(const importing::RatingTable& table, const SplitOptions& options,
                  const math::ThreadTeam& team) {
  Cutter cutter(table, team);
  auto policy = cut_test(cutter, table, options);
  if (options.validation > 0) policy += cut_validation(cutter, options);
  if (cutter.count(shards::Part::train) == 0) {
    throw InputError("the split ({}) of {} ratings leaves none to train on. {}.", policy,
                     table.rows(), remedy_of(options));
  }
  return {std::move(cutter.parts()), std::move(policy)};
}

}  // namespace nnrec::prepare
