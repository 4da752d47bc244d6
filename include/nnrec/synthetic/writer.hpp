#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "nnrec/math/thread_team.hpp"
#include "nnrec/synthetic/synthetic.hpp"

namespace nnrec::synthetic {

/// What was written.
struct SyntheticSummary {
  struct ValueCount {
    float value = 0;
    std::uint64_t count = 0;
  };
  std::uint64_t ratings = 0;
  std::uint64_t rated_items = 0;
  std::vector<ValueCount> values;  ///< of the scale, rising
  /// RMSE of SyntheticRating::expected over all ratings: no model is better but by chance.
  double noise_floor_rmse = 0;
};

/// The public data sets whose files are imitated.
enum class SyntheticLayout : std::uint8_t {
  movielens_100k,  ///< u.data, u.item (Latin-1), u.user, u.genre, u.occupation, u.info
  movielens_1m,    ///< ratings.dat, movies.dat (Latin-1), users.dat; "::" between fields
  csv,             ///< ratings.csv, movies.csv as MovieLens latest has them
  movietweetings,  ///< ratings.dat, movies.dat (UTF-8); "::"; item ids with leading zeros
};

/// Writes the set as text, and noise_floor.txt, into `folder`, which is whole or absent afterwards.
/// The bytes do not depend on the team. Memory: tables over users and items, and a few blocks of
/// ratings a thread.
/// Throws InputError when `folder` exists and is not empty, IoError.
SyntheticSummary write_synthetic_text(const SyntheticSet& set, SyntheticLayout layout,
                                      const std::filesystem::path& folder,
                                      const math::ThreadTeam& team);

struct SyntheticShardOptions {
  std::filesystem::path folder;
  std::uint64_t shard_rows = 1 << 20;
  double test_fraction = 0.2;  ///< in [0, 1), as nnrec_prep's random split has it
  std::uint64_t split_seed = 42;
};

/// Writes the set as shards: the numbering, parts and catalogue are those that nnrec_prep gives the
/// text of the set. The noise floor stands in the manifest's `source`. Memory: as above, and the
/// catalogue. Throws InputError, IoError.
SyntheticSummary write_synthetic_shards(const SyntheticSet& set,
                                        const SyntheticShardOptions& options,
                                        const math::ThreadTeam& team);

}  // namespace nnrec::synthetic
