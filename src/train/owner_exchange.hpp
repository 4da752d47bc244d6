#pragma once

#include <span>
#include <vector>

#include "nnrec/train/exchange.hpp"
#include "nnrec/train/packed_sums.hpp"

namespace nnrec::train {

/// Sums travel to the owner of a row, new values to those who look it up: see Owners.
///
/// A message between two nodes is about the rows of one list: those that one node keeps and the
/// other's part of the batch looks up, by table, rising. Both know it from their plans, so that no
/// message names rows. One with sums holds [packing of each row | the rows, packed], one with
/// values the rows as floats.
class OwnerExchange final : public Exchange {
 public:
  /// Collective.
  explicit OwnerExchange(const ExchangeParts& parts);

  void fetch(const BatchPlan& plan, nn::ParameterSet& parameters) override;
  void sum(const BatchPlan& plan, Gradient& gradient, Sums which) override;
  void complete(nn::ParameterSet& set) override;

 private:
  /// Where the rows of a message lie: here, and asked for by the other node, or there.
  enum class Kept { here, there };
  /// Some rows of one table in a message.
  struct Piece {
    std::size_t node;  ///< the other one
    std::size_t table;
    Range rows;         ///< of the table's part of the list
    std::size_t first;  ///< of these rows, in the list
    std::size_t byte;   ///< of the message, where values of the first one stand
  };
  /// Sums from some nodes for rows of one table, which one thread adds.
  struct Arrived {
    std::size_t node;
    std::size_t table;
    std::span<const std::uint32_t> slots;
    const RowPacking* packings;
    const std::byte* packed;
  };

  // Numbers of a table's row: its values, and what is summed for it.
  std::size_t cols(std::size_t table) const {
    return parts_.input.network.tables()[table].leaf.cols;
  }
  std::size_t sum_cols(std::size_t table) const {
    return parts_.input.network.tables()[table].sum_cols();
  }
  std::size_t run_rows() const { return parts_.station.owners.run_rows(); }
  std::size_t nodes() const { return parts_.station.owners.count(); }
  std::size_t here() const { return parts_.station.owners.node(); }
  static std::size_t list_size(const BatchPlan& plan, Kept kept, std::size_t node,
                               std::size_t table);
  static std::size_t slot(const BatchPlan& plan, Kept kept, const Piece& piece, std::size_t row);

  void cut_pieces(const BatchPlan& plan, Kept kept);
  template <typename Work>
  void for_own_pieces(const Work& work);
  template <typename Size>
  void place(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins,
             const Size& bytes_of_message);
  void place_values(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins,
                    std::vector<std::size_t>& bytes);
  void place_sums(const BatchPlan& plan, Kept kept, std::vector<std::size_t>& begins);
  void write_packings(const BatchPlan& plan, Gradient& gradient);
  void write_sums(const BatchPlan& plan, Gradient& gradient);
  void sum_rows(const BatchPlan& plan, Gradient& gradient);
  void swap_lengths();
  void find_arrived(const BatchPlan& plan);
  void add_arrived(const BatchPlan& plan, Gradient& gradient);
  void complete_block(nn::ParameterSet& set, std::size_t block);
  void complete_strip(nn::ParameterSet& set, std::size_t block, Range rows);
  void swap();

  ExchangeParts parts_;
  std::span<std::byte> outgoing_;
  std::span<std::byte> incoming_;
  std::span<std::byte> lengths_;          ///< (2, nodes) units: to others, from others
  std::span<std::uint64_t> piece_bytes_;  ///< of the packed rows of each piece
  // By node:
  std::vector<std::size_t> out_begins_;
  std::vector<std::size_t> out_bytes_;
  std::vector<std::size_t> in_begins_;
  std::vector<std::size_t> in_bytes_;
  std::vector<std::size_t> list_rows_;  ///< of the message that is written
  std::vector<Piece> pieces_;           ///< of all ranks of the node
  std::vector<Arrived> arrived_;        ///< for this rank, those of the same slots in a row
  std::vector<Range> additions_;        ///< into arrived_: what one thread adds
};

}  // namespace nnrec::train
