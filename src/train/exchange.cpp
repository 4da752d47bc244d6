#include "nnrec/train/exchange.hpp"

#include <algorithm>
#include <vector>

#include "nnrec/train/packed_sums.hpp"

#include "owner_exchange.hpp"

namespace nnrec::train {
namespace {

class ReduceExchange : public Exchange {
 public:
  explicit ReduceExchange(comm::Communicator& ranks) : ranks_(ranks) {}

  void fetch(const BatchPlan&, nn::ParameterSet&) override {}

  void sum(const BatchPlan& plan, Gradient& gradient, Sums which) override {
    std::size_t needed = 0;
    if (which != Sums::rows) needed += gradient.needed_dense_elements();
    if (which != Sums::dense) needed += gradient.needed_row_elements(plan);
    bytes_.needed += needed * sizeof(std::int64_t);
    if (ranks_.node_count() == 1) return;
    auto buffer = gradient.buffer(plan);
    const std::size_t dense = gradient.dense_and_scalars().size();
    if (which == Sums::rows) buffer = buffer.subspan(dense);
    if (which == Sums::dense) buffer = buffer.first(dense);
    send(buffer);
  }

  void complete(nn::ParameterSet&) override {}

 protected:
  void send(std::span<std::int64_t> sums) {
    ranks_.sum_over_nodes(sums);
    bytes_.sent += sums.size_bytes();
  }

  comm::Communicator& ranks_;
};

/// Sums of rows cross two in a word, [pairs of table 1 | ... | what says whether they fit]; where
/// a sum of all nodes might not fit, all of them once more as they are.
class PairExchange final : public ReduceExchange {
 public:
  explicit PairExchange(const ExchangeParts& parts)
      : ReduceExchange(parts.ranks), team_(parts.team), station_(parts.station) {
    std::size_t words = 1;
    for (const models::TableUse& use : parts.input.network.tables()) {
      const std::size_t rows = most_touched_rows(parts.input.network, use, parts.batch_rows);
      words += (rows * use.sum_cols() + 1) / 2;
    }
    words_ = node_array<std::int64_t>(ranks_, words);
    bounds_ = node_array<std::uint64_t>(ranks_, static_cast<std::size_t>(station_.node_size));
  }

  void sum(const BatchPlan& plan, Gradient& gradient, Sums which) override {
    const bool is_alone = ranks_.node_count() == 1;
    if (which != Sums::dense) {
      bytes_.needed += gradient.needed_row_elements(plan) * sizeof(std::int32_t);
      if (!is_alone) sum_rows(plan, gradient);
    }
    if (which != Sums::rows) ReduceExchange::sum(plan, gradient, Sums::dense);
  }

 private:
  struct Piece {
    std::span<std::int64_t> sums;
    std::span<std::int64_t> words;
    unsigned shift;
  };
  static constexpr std::size_t kPieceWords = 2048;
  /// The words' sums are right where the nodes' bounds, in this unit, are below kBounds.
  static constexpr unsigned kBoundBits = 15;
  static constexpr std::int64_t kBounds = std::int64_t{1} << (31 - kBoundBits);

  void sum_rows(const BatchPlan& plan, Gradient& gradient) {
    const std::size_t words = cut_pieces(plan, gradient);
    std::vector<std::uint64_t> bounds(static_cast<std::size_t>(team_.size()), 0);
    team_.for_each(pieces_.size(), [&](std::size_t number, std::size_t thread) {
      const Piece& piece = pieces_[number];
      bounds[thread] = std::max(bounds[thread], pack_pairs(piece.sums, piece.shift, piece.words));
    });
    bounds_[static_cast<std::size_t>(station_.node_rank)] = *std::ranges::max_element(bounds);
    ranks_.node_barrier();  // all words of the node are written
    if (station_.node_rank == 0) {
      const std::uint64_t bound = *std::ranges::max_element(bounds_) >> kBoundBits;
      words_[words] = std::min(static_cast<std::int64_t>(bound) + 1, kBounds);
    }
    send(words_.first(words + 1));
    if (words_[words] >= kBounds) {
      return send(gradient.buffer(plan).subspan(gradient.dense_and_scalars().size()));
    }
    team_.for_each(pieces_.size(), [&](std::size_t number, std::size_t) {
      const Piece& piece = pieces_[number];
      unpack_pairs(piece.words, piece.shift, piece.sums);
    });
    ranks_.node_barrier();  // the rows are summed
  }

  /// This rank's. Returns the words of all.
  std::size_t cut_pieces(const BatchPlan& plan, Gradient& gradient) {
    pieces_.clear();
    std::size_t number = 0;
    std::size_t first = 0;
    for (std::size_t table = 0; table < plan.tables.size(); ++table) {
      const auto sums = gradient.rows(plan, table);
      const std::size_t words = (sums.size() + 1) / 2;
      station_.for_own_pieces(words, kPieceWords, number, [&](Range part) {
        const std::size_t begin = 2 * part.begin;
        pieces_.push_back({sums.subspan(begin, std::min(sums.size(), 2 * part.end) - begin),
                           words_.subspan(first + part.begin, part.size()), gradient.shift(table)});
      });
      first += words;
    }
    return first;
  }

  const math::ThreadTeam& team_;
  const Station& station_;
  std::span<std::int64_t> words_;
  std::span<std::uint64_t> bounds_;  ///< by rank of the node
  std::vector<Piece> pieces_;
};

}  // namespace

std::string_view exchange_name(ExchangeWay way) {
  return way == ExchangeWay::owner ? "owner" : "reduce";
}

std::unique_ptr<Exchange> make_exchange(ExchangeWay way, const ExchangeParts& parts) {
  if (way == ExchangeWay::owner) return std::make_unique<OwnerExchange>(parts);
  if (parts.bits == ExchangeBits::fewer) return std::make_unique<PairExchange>(parts);
  return std::make_unique<ReduceExchange>(parts.ranks);
}

}  // namespace nnrec::train
