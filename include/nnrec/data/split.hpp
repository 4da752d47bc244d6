#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/data/rating_table.hpp"
#include "nnrec/data/shard_set.hpp"

namespace nnrec::data {

/// A rule that puts every rating into one part: a pure function of the table and its own
/// parameters, the same on every machine.
class Split {
 public:
  Split() = default;
  Split(const Split&) = delete;
  Split& operator=(const Split&) = delete;
  virtual ~Split() = default;
  /// The rule with its parameters, as the manifest stores it.
  virtual std::string policy() const = 0;
  /// By row. Throws InputError when the table does not suit the rule.
  virtual std::vector<Part> assign(const RatingTable& table) const = 0;
};

/// Of N rows, row r is a test row when its position in the shuffle of (seed, Purpose::split) is
/// among the last round(N * test_fraction).
class RandomSplit : public Split {
 public:
  RandomSplit(double test_fraction, std::uint64_t seed)
      : test_fraction_(test_fraction), seed_(seed) {}
  std::string policy() const override;
  std::vector<Part> assign(const RatingTable& table) const override;

 private:
  double test_fraction_;
  std::uint64_t seed_;
};

/// The source's first rating file is the train part, its second the test part.
class FilesSplit : public Split {
 public:
  FilesSplit(std::string train_file, std::string test_file)
      : train_file_(std::move(train_file)), test_file_(std::move(test_file)) {}
  std::string policy() const override;
  std::vector<Part> assign(const RatingTable& table) const override;

 private:
  std::string train_file_;
  std::string test_file_;
};

/// What a reader of results must know about a split's test part.
struct SplitFacts {
  std::uint64_t overlap_pairs = 0;  ///< (user, item) pairs of the test part also in another part
  std::uint64_t cold_users = 0;     ///< users with test rows and no train row
  std::uint64_t cold_items = 0;
};
SplitFacts examine_split(const RatingTable& table, const std::vector<Part>& parts);

}  // namespace nnrec::data
