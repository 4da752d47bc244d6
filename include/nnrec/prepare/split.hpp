#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/import/rating_table.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/column.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::prepare {

/// A rule that puts every rating into one part: a pure function of the table and these values, the
/// same on every machine.
///   random         of N rows, row r is a test row when its position in the shuffle of
///                  (seed, Purpose::split, 0) is among the last round(N * test_fraction)
///   kfold          ... when its position is in [N * (fold - 1) / folds, N * fold / folds)
///   files          the rows of the rating files behind the train files are test rows
///   time           the rows from the instant test_from on are; without it, from the first instant
///                  that leaves at most round(N * test_fraction) of them
///   per_user       the latest test_last (or test_fraction) rows of each user are, but at least one
///                  row stays; equal times, and sets without times, count in file order
///   leave_one_out  per_user with test_last = 1
enum class SplitRule { random, kfold, files, time, per_user, leave_one_out };

struct SplitOptions {
  SplitRule rule = SplitRule::random;
  double test_fraction = 0.2;
  std::uint64_t seed = 42;
  std::uint64_t folds = 5;
  std::uint64_t fold = 1;                  ///< from 1
  std::optional<std::int64_t> test_from;   ///< Unix seconds
  std::optional<std::uint64_t> test_last;  ///< rows a user
  std::vector<std::string> train_files;    ///< the first rating files, in the table's order
  std::vector<std::string> test_files;     ///< those behind them
  /// Cut from the train part by the same rule (kfold and files: random, with step 1 of the seed's
  /// shuffles): below 1 a fraction of it, from 1 on the number of rows (per_user: of each user;
  /// time: the instant), whole and at most 2^53. 0: no validation part.
  double validation = 0;
};

struct SplitResult {
  shards::Column<shards::Part> parts;  ///< by row
  std::string policy;                  ///< the rule with its values, as the manifest stores it
};

/// Throws InputError when the table does not suit the rule.
SplitResult split(const importing::RatingTable& table, const SplitOptions& options,
                  const math::ThreadTeam& team);

/// What a reader of results must know about a split's test part.
struct SplitFacts {
  std::uint64_t overlap_pairs = 0;  ///< (user, item) pairs of the test part also in another part
  std::uint64_t cold_users = 0;     ///< users with test rows and no train row
  std::uint64_t cold_items = 0;
  std::uint64_t cold_rows = 0;  ///< test rows of a cold user or a cold item
  std::uint64_t users = 0;      ///< of all parts
  std::uint64_t test_users = 0;
  std::uint64_t test_items = 0;
  std::uint64_t test_rows = 0;
  std::uint64_t train_rows_after_test = 0;  ///< train rows later than the earliest test row
};
SplitFacts examine_split(const importing::RatingTable& table,
                         const shards::Column<shards::Part>& parts, const math::ThreadTeam& team);

}  // namespace nnrec::prepare
