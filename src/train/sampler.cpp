#include "nnrec/train/sampler.hpp"

#include <algorithm>
#include <cmath>

#include "nnrec/math/exact_sum.hpp"
#include "nnrec/nn/gamma.hpp"

#include "copy_share.hpp"

namespace nnrec::train {
namespace {

constexpr std::size_t kPieceRows = 256;
/// Of the priors' and the noise's precisions: shape and rate of their own prior.
constexpr double kShape = 1;
constexpr double kPriorRate = 0.02;
constexpr double kNoiseRate = 1;

/// Calls use(range) for pieces of `rows` rows, numbered on by `number`, of which `has` says whose
/// they are.
template <typename Has, typename Use>
void cut(std::size_t rows, std::size_t& number, const Has& has, const Use& use) {
  for (std::size_t begin = 0; begin < rows; begin += kPieceRows) {
    if (has(number++)) use(Range{begin, std::min(rows, begin + kPieceRows)});
  }
}

}  // namespace

Sampler::Sampler(comm::Communicator& ranks, const math::ThreadTeam& team,
                 const models::Network& network, const SamplingOptions& options,
                 const SamplingFacts& facts, const Station& station)
    : ranks_(ranks),
      team_(team),
      layout_(network.layout()),
      options_(options),
      ratings_(static_cast<double>(facts.tally->ratings())),
      variance_(facts.variance),
      station_(station),
      places_(network.layout()),
      look_ups_(layout_.blocks().size()),
      active_rows_(layout_.blocks().size()) {
  if (network.ordinal()) learnt_block_ = network.ordinal_block();
  for (const models::TableUse& table : network.tables()) {
    if (!look_ups_[table.block].empty()) continue;
    look_ups_[table.block] = node_array<float>(ranks, layout_[table.block].rows);
    if (ranks.node_rank() == 0) {
      std::ranges::copy(facts.tally->look_ups(table.column, layout_[table.block].rows),
                        look_ups_[table.block].begin());
    }
    ranks.node_barrier();
    active_rows_[table.block] = static_cast<double>(
        std::ranges::count_if(look_ups_[table.block], [](float count) { return count > 0; }));
  }
}

/// Every node has all rows of the model between epochs, so that all ranks share them.
template <typename Add>
PlaceSums Sampler::sum_pieces(const std::vector<Piece>& pieces, const Add& add) const {
  std::vector<PlaceSums> threads(static_cast<std::size_t>(team_.size()),
                                 PlaceSums(places_.first.back()));
  team_.for_each(pieces.size(), [&](std::size_t piece, std::size_t thread) {
    add(pieces[piece], threads[thread]);
  });
  PlaceSums sums(places_.first.back());
  for (const PlaceSums& part : threads) sums.add(part);
  sums.sum(ranks_);
  return sums;
}

/// Of what is drawn: rows that no training rating looks up keep what they began with, which by a
/// warm start or other data need not be zero, and the priors of the others do not depend on it.
PlaceSums Sampler::squares_of(const nn::ParameterSet& parameters) const {
  const auto all = static_cast<std::size_t>(station_.count);
  const auto index = static_cast<std::size_t>(station_.index);
  std::vector<Piece> pieces;
  std::size_t number = 0;
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    cut(
        layout_[block].rows, number, [&](std::size_t piece) { return piece % all == index; },
        [&](Range rows) {
          pieces.push_back({block, rows});
        });
  }
  return sum_pieces(pieces, [&](const Piece& piece, PlaceSums& sums) {
    const std::size_t first = places_.first[piece.index];
    const bool by_column = places_.first[piece.index + 1] - first > 1;
    const std::size_t cols = layout_[piece.index].cols;
    const float* w = parameters.values(piece.index).data();
    const std::span<const float> look_ups = look_ups_[piece.index];
    for (std::size_t row = piece.rows.begin; row < piece.rows.end; ++row) {
      if (!look_ups.empty() && look_ups[row] == 0) continue;
      for (std::size_t c = 0; c < cols; ++c) {
        const auto value = static_cast<double>(w[row * cols + c]);
        sums.add(first + (by_column ? c : 0), value * value);
      }
    }
  });
}

/// Of what the exchange left here: dense blocks, which every node has, and the rows that the node
/// keeps. Each look-up of a row has a part of its square.
PlaceSums Sampler::squares_of(const SummedGradient<std::int64_t>& gradient) const {
  const auto all = static_cast<std::size_t>(station_.count);
  const auto index = static_cast<std::size_t>(station_.index);
  const bool every_node_has_rows = station_.owners.count() == 1;
  const auto is_ours = [&](std::size_t piece) { return piece % all == index; };
  const auto is_ours_of_node = [&](std::size_t piece) {
    return every_node_has_rows ? is_ours(piece) : station_.has(piece);
  };
  const std::size_t blocks = layout_.blocks().size();
  std::vector<Piece> pieces;  // of dense blocks, then of tables behind them
  std::size_t number = 0;
  for (std::size_t block = 0; block < blocks; ++block) {
    if (layout_[block].kind != nn::BlockKind::dense) continue;
    cut(layout_[block].rows, number, is_ours, [&](Range rows) { pieces.push_back({block, rows}); });
  }
  for (std::size_t table = 0; table < gradient.tables.size(); ++table) {
    cut(gradient.tables[table].rows.size(), number, is_ours_of_node, [&](Range rows) {
      pieces.push_back({blocks + table, rows});
    });
  }
  return sum_pieces(pieces, [&](const Piece& piece, PlaceSums& sums) {
    const bool is_dense = piece.index < blocks;
    if (is_dense) {
      const nn::Block& block = layout_[piece.index];
      const std::int64_t* g = gradient.dense.data() + block.dense_offset;
      for (std::size_t i = piece.rows.begin * block.cols; i < piece.rows.end * block.cols; ++i) {
        const double value = GradientFixed::to_double(g[i]);
        sums.add(places_.first[piece.index], value * value);
      }
      return;
    }
    const auto& table = gradient.tables[piece.index - blocks];
    for (std::size_t slot = piece.rows.begin; slot < piece.rows.end; ++slot) {
      const auto look_ups = static_cast<double>(look_ups_[table.block][table.rows[slot]]);
      for (std::size_t c = 0; c < table.cols; ++c) {
        const double value = GradientFixed::to_double(table.row(slot)[c]);
        sums.add(places_.first[table.block] + c, value * value / look_ups);
      }
    }
  });
}

void Sampler::take_probe(const SummedGradient<std::int64_t>& gradient, double rows,
                         TrainState& state) {
  constexpr double kForgotten = 0.2;
  const PlaceSums squares = squares_of(gradient);
  if (squares.left_out() > 0) return;  // the step itself will diverge
  SamplingState& sampling = *state.sampling;
  const double part = sampling.numbers.probes == 0 ? 1 : kForgotten;
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    const bool is_dense = layout_[block].kind == nn::BlockKind::dense;
    // Of a dense block a look-up is the whole training part, of a row one rating.
    const double share =
        is_dense ? static_cast<double>(layout_[block].size()) : std::max(1.0, active_rows_[block]);
    for (std::size_t place = places_.first[block]; place < places_.first[block + 1]; ++place) {
      const double seen = squares.of(place) * (ratings_ / rows) / share;
      sampling.curvature[place] += part * (seen - sampling.curvature[place]);
    }
  }
  ++sampling.numbers.probes;
}

/// Calls draw(place, shape) / rate for each column of a table.
template <typename Draw>
void Sampler::set_priors(const PlaceSums& squares, const Draw& draw,
                         SamplingState& sampling) const {
  for (std::size_t block = 0; block < layout_.blocks().size(); ++block) {
    for (std::size_t place = places_.first[block]; place < places_.first[block + 1]; ++place) {
      if (layout_[block].kind == nn::BlockKind::dense) {
        sampling.precision[place] = options_.dense_precision;
      } else {
        sampling.precision[place] =
            draw(place, kShape + active_rows_[block] / 2) / (kPriorRate + squares.of(place) / 2);
      }
    }
  }
}

void Sampler::draw(const SquaredError& train, const PlaceSums& squares, TrainState& state) const {
  const CounterRandom random(state.seed, Purpose::precision_draws, state.epoch);
  SamplingState& sampling = *state.sampling;
  set_priors(
      squares,
      [&](std::size_t place, double shape) { return nn::gamma_draw(random, place, shape); },
      sampling);
  if (learnt_block_) return;  // the likelihood says it all
  sampling.numbers.noise_precision =
      nn::gamma_draw(random, places_.first.back(), kShape + ratings_ / 2) /
      (kNoiseRate + train.sum / 2);
}

void Sampler::begin(TrainState& state) {
  SamplingState& sampling = *state.sampling;
  if (sampling.numbers.noise_precision > 0) return;
  set_priors(
      squares_of(state.parameters), [](std::size_t, double shape) { return shape; }, sampling);
  // Least is assumed of the model: that it predicts no better than the mean.
  sampling.numbers.noise_precision = learnt_block_ ? 1 : 1 / std::max(variance_, 1e-12);
  sampling.numbers.step_size = options_.step;
  keep(state);
}

nn::LangevinStep Sampler::step(const TrainState& state, double step_rows) const {
  const SamplingState::Numbers& numbers = state.sampling->numbers;
  // The warm-up's curvature and precisions are not yet those of sampled models.
  const auto sampled = static_cast<double>(state.epoch - options_.warm_up + 1);
  const double ramp = std::min(1.0, sampled / static_cast<double>(options_.ramp));
  return {numbers.step_size * ramp, numbers.noise_precision, ratings_, step_rows,
          CounterRandom(state.seed, Purpose::langevin_noise, state.step)};
}

nn::LangevinBlock Sampler::block(const TrainState& state, std::size_t block) const {
  const auto of_block = [&](const std::vector<double>& values) {
    return std::span(values).subspan(places_.first[block],
                                     places_.first[block + 1] - places_.first[block]);
  };
  const bool is_dense = layout_[block].kind == nn::BlockKind::dense;
  return {static_cast<std::uint32_t>(block), of_block(state.sampling->precision),
          of_block(state.sampling->curvature), is_dense ? options_.dense_scale : 1,
          look_ups_[block]};
}

SampledEpoch Sampler::end_epoch(const SquaredError& train, bool is_given_up, TrainState& state) {
  SamplingState::Numbers& numbers = state.sampling->numbers;
  const PlaceSums squares = squares_of(state.parameters);
  const double limit = options_.diverged * variance_ * static_cast<double>(train.rows);
  const bool is_undone = is_given_up || squares.left_out() > 0 || !(train.sum <= limit);
  if (is_undone) {
    undo(state);
  } else {
    if (state.epoch + 1 >= options_.resample_from) draw(train, squares, state);
    if ((state.epoch + 1) % options_.snapshot_every == 0) keep(state);
  }
  return {is_undone, numbers.step_size, std::sqrt(1 / numbers.noise_precision)};
}

void Sampler::copy_share(nn::ParameterSet& from, nn::ParameterSet& to) const {
  train::copy_share(ranks_, team_, from, to);
  ranks_.node_barrier();
}

void Sampler::keep(TrainState& state) const {
  SamplingState& sampling = *state.sampling;
  sampling.kept_precision = sampling.precision;
  sampling.numbers.kept_noise_precision = sampling.numbers.noise_precision;
  ranks_.node_barrier();
  copy_share(state.parameters, sampling.snapshot);
}

void Sampler::undo(TrainState& state) const {
  SamplingState& sampling = *state.sampling;
  sampling.precision = sampling.kept_precision;
  sampling.numbers.noise_precision = sampling.numbers.kept_noise_precision;
  sampling.numbers.step_size /= 2;
  ++sampling.numbers.undone;
  sampling.numbers.last_undone = state.epoch + 1;
  ranks_.node_barrier();
  copy_share(sampling.snapshot, state.parameters);
}

}  // namespace nnrec::train
