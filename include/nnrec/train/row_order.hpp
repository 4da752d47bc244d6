#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nnrec/base/permutation.hpp"
#include "nnrec/base/range.hpp"

namespace nnrec::train {

/// How an epoch visits the training ratings. Decides bits.
enum class OrderKind {
  shuffle,  ///< one permutation of all
  blocks    ///< blocks of the files are permuted, then the rows of so many blocks that follow
};
std::string_view order_name(OrderKind kind);

/// The blocks of a part, as ranges of its rows in file order, each beginning where the last ends.
using RowBlocks = std::shared_ptr<const std::vector<Range>>;

/// The order in which rows are visited, as row = order(position): a function of seed, epoch and
/// where blocks begin, so that memory decides no bit of it. Cheap to copy.
class RowOrder {
 public:
  /// As the files have them.
  RowOrder() = default;
  /// Of all `rows` > 0 rows.
  static RowOrder shuffled(std::uint64_t rows, std::uint64_t seed, std::uint64_t epoch);
  /// Whoever goes along it and holds a group of blocks reads each block once. Requires blocks.
  static RowOrder of_blocks(RowBlocks blocks, std::uint64_t seed, std::uint64_t epoch,
                            std::size_t group_blocks = kGroupBlocks);

  /// A million rows where blocks are those of shards.
  static constexpr std::size_t kGroupBlocks = 16;

  bool is_file_order() const noexcept { return !shuffle_ && !groups_; }
  /// The rows at the positions from `first` on.
  void values(std::uint64_t first, std::span<std::uint64_t> rows) const noexcept;
  /// The positions of the rows from `first` on, which are of one block: many at once take a
  /// fraction of the time.
  void positions(std::uint64_t first, std::span<std::uint64_t> to) const noexcept;
  /// Which of `blocks` (those that it was made of, where it was) may hold rows of these positions,
  /// rising.
  std::vector<std::size_t> blocks_of(Range positions, const std::vector<Range>& blocks) const;

  friend bool operator==(const RowOrder& a, const RowOrder& b);

 private:
  struct Groups;
  std::optional<Permutation> shuffle_;
  std::shared_ptr<const Groups> groups_;
};

}  // namespace nnrec::train
