#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/sha256.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/shards/catalogue.hpp"
#include "nnrec/shards/rating_columns.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::shards {

inline constexpr std::int64_t kShardSchemaVersion = 3;

/// A shard's rows are read, and their digests made, in blocks of so many, the last of fewer.
inline constexpr std::uint64_t kBlockRows = 1 << 16;

enum class Part : std::uint8_t { train = 0, validation = 1, test = 2 };
inline constexpr std::array kParts{Part::train, Part::validation, Part::test};
const char* part_name(Part part) noexcept;

struct ShardInfo {
  std::string file;  ///< name within the set's folder
  Part part = Part::train;
  std::uint64_t rows = 0;
  std::vector<Sha256Digest> blocks;  ///< of the values of each block
};

/// One block of a part.
struct PartBlock {
  std::size_t shard = 0;         ///< of Manifest::shards
  std::uint64_t block = 0;       ///< of the shard
  std::uint64_t part_first = 0;  ///< its first row in the part: rows of the shards before counted
  std::uint64_t rows = 0;
};

/// What a shard set says of itself: counts, value range, times, split policy, digests.
struct Manifest {
  std::string source;  ///< what was read, without folders of the machine
  std::string format;
  std::string split;  ///< policy with its parameters, e.g. "random test_fraction=0.2 seed=42"
  std::uint64_t overlap_pairs = 0;  ///< (user, item) pairs of the test part also in another part
  std::uint64_t cold_users = 0;     ///< users with test rows and no train row
  std::uint64_t cold_items = 0;
  /// Train rows later than the earliest test row: training sees what comes after some test row.
  std::uint64_t train_rows_after_test = 0;
  std::uint64_t user_count = 0;
  std::uint64_t item_count = 0;
  std::uint64_t title_count = 0;
  /// Users and items with ratings come first: those from these indices on have none.
  std::uint64_t rated_user_count = 0;
  std::uint64_t rated_item_count = 0;
  std::string rules;  ///< what the rules did to the source, a line each
  /// The scale that the user or the format declared; not the same as what was observed.
  bool has_scale = false;
  double scale_low = 0;
  double scale_high = 0;
  double rating_min = 0;  ///< observed over all rows
  double rating_max = 0;
  double train_rating_mean = 0;
  bool has_time = false;
  /// Over the rows of all parts; 0 without times.
  std::int64_t time_min = 0;
  std::int64_t time_max = 0;
  double time_mean = 0;
  double time_variance = 0;       ///< divided by the row count
  std::vector<ShardInfo> shards;  ///< in row order within each part
  std::string digest;             ///< of the values of the set, which it names

  /// The declared one, if any.
  std::optional<RatingScale> scale() const {
    return has_scale ? std::optional(RatingScale{scale_low, scale_high}) : std::nullopt;
  }
  std::uint64_t rows(Part part) const noexcept;
  /// In row order.
  std::vector<PartBlock> blocks(Part part) const;
};

/// An existing shard set, opened by its folder. The format is data/FORMAT.md.
class ShardSet {
 public:
  /// Reads and checks the manifest; of the shards, that they are there and can have their rows.
  /// Throws InputError (place, reason, what to run).
  static ShardSet open(const std::filesystem::path& folder);
  /// The same without a catalogue, of a set that another process of this machine has just opened:
  /// nothing is checked again, and `digest` is what it found. Throws InputError.
  static ShardSet open_checked(const std::filesystem::path& folder, const std::string& digest);
  /// What the manifest's seal states, unchecked: where another process finds the same, it opened
  /// this very set. Throws InputError where there is none.
  static std::string stated_seal(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const noexcept { return folder_; }
  const Manifest& manifest() const noexcept { return manifest_; }
  const Catalogue& catalogue() const noexcept { return catalogue_; }
  /// Frees the catalogue but for what rows of tables are named by: ids of users, titles, words,
  /// genres. For who has taken from it what it needs (features::Features).
  void forget_columns();
  void forget_catalogue();

  /// `shard`: of manifest().shards.
  std::filesystem::path shard_path(std::size_t shard) const;
  /// Checks that the shard's file is as it was written. Its values may yet be another shard's: what
  /// reads them sees that. Throws InputError naming the file.
  void check_seal(std::size_t shard) const;
  /// Reads blocks that follow each other in their part into columns of exactly their rows, on all
  /// threads; without a column for times these are checked and not kept. Digests are checked,
  /// every index against the manifest's counts, every value for finiteness. Throws InputError
  /// naming the file.
  /// Requires: the shards' seals were checked, as HDF5 may crash on damage.
  void read_blocks(std::span<const PartBlock> blocks, const MutableRatingColumns& columns,
                   const math::ThreadTeam& team) const;
  /// Reads blocks of one part, in rising order, into room that is used again, and gives each to
  /// `use`: on all threads, side by side. Checks, throws and requires as read_blocks.
  using UseBlock = std::function<void(const PartBlock& block, const RatingColumns& rows)>;
  void visit_blocks(std::span<const PartBlock> blocks, const math::ThreadTeam& team,
                    const UseBlock& use) const;
  /// Checks a shard's seal and reads all its blocks.
  void read_shard(std::size_t shard, const MutableRatingColumns& columns,
                  const math::ThreadTeam& team) const;
  /// What to do about shards that are slow to read, judged by the first; or empty.
  std::string speed_hint() const;

 private:
  friend class ShardSetWriter;  // which opens a set before it has its name
  template <typename Read>
  void read_same(const Read& read) const;
  template <typename Read>
  void for_each_block(std::span<const PartBlock> blocks, const math::ThreadTeam& team,
                      const Read& read) const;

  std::filesystem::path folder_;
  Manifest manifest_;
  Catalogue catalogue_;
};

}  // namespace nnrec::shards
