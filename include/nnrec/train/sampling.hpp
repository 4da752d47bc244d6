#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/comm/communicator.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/train/prediction_sums.hpp"

namespace nnrec::train {

/// How models are drawn from their posterior distribution, as --sampler gives it:
///   sgld:setting=value,...
struct SamplingOptions {
  double step = 0.16;           ///< step size, relative to what the preconditioner allows
  std::uint64_t warm_up = 8;    ///< epochs of plain training in front
  std::uint64_t burn_in = 100;  ///< epochs, those of the warm-up included, that are not averaged
  std::uint64_t ramp = 10;      ///< epochs over which steps rise to their size
  std::uint64_t resample_from =
      15;                      ///< precisions are drawn anew after each epoch from this one on
  double dense_precision = 1;  ///< of the prior of dense weights
  double dense_scale = 30;     ///< a dense weight's curvature times this, in the preconditioner
  double diverged =
      1.2;  ///< times the variance of the ratings: an epoch of a larger error is undone
  std::uint64_t snapshot_every = 5;  ///< epochs
  std::string text;                  ///< with every setting spelled out
};
/// Nothing: `none`. Throws UsageError.
std::optional<SamplingOptions> parse_sampling(std::string_view text);

/// What sampling keeps beside the parameters.
struct SamplingState {
  /// `parameters`: whose snapshot is kept. Collective.
  SamplingState(comm::Communicator& ranks, const nn::ParameterLayout& parameters);

  /// Columns of tables, and dense blocks, one after the other: what has a precision of its own.
  struct Places {
    explicit Places(const nn::ParameterLayout& layout);
    std::vector<std::size_t> first;  ///< of each block; one more entry: of all
  };

  struct Numbers {
    double noise_precision = 0;       ///< of ratings, given the model; 0: sampling has not begun
    double kept_noise_precision = 0;  ///< of the snapshot
    double step_size = 0;             ///< halved where an epoch was undone
    std::uint64_t probes = 0;         ///< that the curvature was estimated by
    std::uint64_t undone = 0;         ///< epochs
    std::uint64_t last_undone = 0;    ///< its number, from 1
    std::uint64_t samples = 0;        ///< in the sums of predictions
  };
  Numbers numbers;
  std::vector<double> precision;  ///< of places
  std::vector<double> curvature;
  std::vector<double> kept_precision;  ///< of the snapshot
  nn::ParameterSet snapshot;           ///< in node memory
  /// Of the evaluated parts, in node memory; absent where nobody evaluates.
  std::optional<PredictionSums> validation;
  std::optional<PredictionSums> test;

  /// SHA-256 over all but the sums of predictions.
  std::string digest() const;

  /// Goes on with `options`, which are others than before, for the model of `layout` after
  /// `epochs`: with their step, halved as often as epochs were undone (while nothing was sampled
  /// yet it is left to the first sampled epoch), and their prior of dense weights. The mean begins
  /// anew and, where their warm-up is not over, so does all of sampling. Returns a line for each
  /// that was something else. Sums of predictions: of one rank a node. Collective: no.
  std::vector<std::string> follow(const SamplingOptions& options, const nn::ParameterLayout& layout,
                                  std::uint64_t epochs);
};

}  // namespace nnrec::train
