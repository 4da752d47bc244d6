#include "nnrec/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/permutation.hpp"

namespace nnrec::data {
namespace {

std::uint64_t pair_key(const RatingTable& table, std::uint64_t row) {
  return (std::uint64_t{table.user[row]} << 32) | table.item[row];
}

std::uint64_t count_overlap(const RatingTable& table, const std::vector<Part>& parts) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t row = 0; row < table.rows(); ++row) {
    if (parts[row] == Part::test) keys.push_back(pair_key(table, row));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<bool> elsewhere(keys.size(), false);
  for (std::uint64_t row = 0; row < table.rows(); ++row) {
    if (parts[row] == Part::test) continue;
    const auto key = pair_key(table, row);
    const auto found = std::lower_bound(keys.begin(), keys.end(), key);
    if (found != keys.end() && *found == key) {
      elsewhere[static_cast<std::size_t>(found - keys.begin())] = true;
    }
  }
  return static_cast<std::uint64_t>(std::count(elsewhere.begin(), elsewhere.end(), true));
}

/// Indices of `column` that have test rows and no train row.
std::uint64_t count_cold(const std::vector<std::uint32_t>& column, const std::vector<Part>& parts) {
  const auto size = column.empty() ? 0 : *std::max_element(column.begin(), column.end()) + 1ULL;
  std::vector<bool> trained(size, false);
  std::vector<bool> tested(size, false);
  for (std::uint64_t row = 0; row < column.size(); ++row) {
    if (parts[row] == Part::train) trained[column[row]] = true;
    if (parts[row] == Part::test) tested[column[row]] = true;
  }
  std::uint64_t count = 0;
  for (std::uint64_t index = 0; index < size; ++index) count += tested[index] && !trained[index];
  return count;
}

}  // namespace

std::string RandomSplit::policy() const {
  return fmt::format("random test_fraction={} seed={}", test_fraction_, seed_);
}

std::vector<Part> RandomSplit::assign(const RatingTable& table) const {
  const auto rows = table.rows();
  const auto test_rows =
      static_cast<std::uint64_t>(std::llround(static_cast<double>(rows) * test_fraction_));
  if (test_rows >= rows) {
    throw InputError(
        "a test fraction of {} of {} ratings leaves none to train on. Use a smaller "
        "--test-fraction.",
        test_fraction_, rows);
  }
  std::vector<Part> parts(rows, Part::train);
  const Permutation position(rows, seed_, Purpose::split, 0);
  for (std::uint64_t row = 0; row < rows; ++row) {
    if (position(row) >= rows - test_rows) parts[row] = Part::test;
  }
  return parts;
}

std::string FilesSplit::policy() const {
  // Folders of the machine are no part of the data.
  const auto name = [](const std::string& file) {
    return std::filesystem::path(file).filename().string();
  };
  return fmt::format("files train={} test={}", name(train_file_), name(test_file_));
}

std::vector<Part> FilesSplit::assign(const RatingTable& table) const {
  if (table.file_ends.size() != 2) {
    throw InputError("the files split needs ratings from two files. Give --train and --test.");
  }
  std::vector<Part> parts(table.rows(), Part::test);
  std::fill_n(parts.begin(), table.file_ends[0], Part::train);
  return parts;
}

SplitFacts examine_split(const RatingTable& table, const std::vector<Part>& parts) {
  return {count_overlap(table, parts), count_cold(table.user, parts),
          count_cold(table.item, parts)};
}

}  // namespace nnrec::data
