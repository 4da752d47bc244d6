#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nnrec/models/variants.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// What a run can be told; the defaults are the published recipe. Ranges and texts are those of the
/// option table of nnrec_dist.
struct RunOptions {
  std::string data = "data/default";
  std::string variant = "all";  ///< a name, several with commas, or all
  std::string preset = "published";
  std::string run;     ///< empty: runs/<UTC time>
  std::string config;  ///< the file that options were read from, if any
  std::int64_t epochs = 20;
  std::int64_t patience = 0;  ///< epochs without a lower validation RMSE; 0: as long as it takes
  std::int64_t batch = 2048;  ///< rows of the global batch
  std::int64_t seed = 1;
  std::string order = "shuffle";  ///< or blocks: train::OrderKind
  std::int64_t threads = 0;       ///< a rank; 0: OMP_NUM_THREADS, else its share of cores
  std::string kernels = "auto";   ///< as math::use_kernels
  std::string memory_limit;       ///< of a node, for ratings, as parse_byte_size reads; empty: none
  double learning_rate = 0.1;
  std::string optimizer = "adagrad";       ///< as nn::make_optimizer reads it
  std::vector<std::string> groups;         ///< as nn::ParameterGroup
  std::vector<std::string> preset_groups;  ///< whose blocks the preset names: they may be missing
  std::string rate_schedule = "constant";  ///< as nn::RateSchedule
  std::string warm_up = "none";            ///< as nn::parse_warm_up reads it
  double clip_norm = 0;                    ///< 0: never
  double ema = 0;                          ///< nn::UpdateOptions::average_decay
  std::int64_t accumulate = 1;             ///< batches a step
  std::int64_t embedding_dim = 32;
  std::string hidden = "published";  ///< as parse_hidden reads it
  std::int64_t age_units = 8;
  std::int64_t genre_units = 4;
  std::string dropout = "0";                 ///< as parse_dropout reads it
  std::string features = "published";        ///< or as features::parse_extras reads it
  std::string biases = "no";                 ///< or yes
  std::string dot = "no";                    ///< or yes
  std::string likelihood = "gaussian";       ///< or ordinal
  std::string first_weights = "uniform";     ///< as nn::FirstWeights reads it
  std::string sampler = "none";              ///< or as train::parse_sampling reads it
  std::int64_t keep_samples = 0;             ///< of --sampler: models to keep for answers
  std::string checkpoint_every = "1epochs";  ///< as parse_save_interval reads it
  std::int64_t keep = 3;                     ///< newest checkpoints of a variant; the best besides
  std::string on_save_error = "continue";    ///< or stop
  std::string resume = "auto";               ///< never, or the path of a checkpoint
  bool allow_changes = false;
  std::string stall_timeout = "300s";  ///< as parse_stall_timeout reads it
  std::string exchange = "auto";       ///< reduce or owner: train::ExchangeWay; auto: the cheaper
  std::string exchange_bits = "64";    ///< or 32: train::ExchangeBits
  std::string json_log;                ///< file for events, a JSON object a line; empty: none
  std::string logdir;                  ///< folder for TensorBoard's event files; empty: none
  bool quiet = false;                  ///< the console gets warnings alone
  std::string warm_start;              ///< a run's folder or a checkpoint; empty: none
  std::string trace;                   ///< file for what every rank did when; empty: none
  std::string plan = "none";           ///< as parse_node_counts reads it: forecast, do not train
  std::string network = "measured";    ///< as parse_network reads it
  std::int64_t ranks_per_node = 0;     ///< to be forecast; 0: as many as this job has
  bool preflight = false;              ///< look at nodes and set, do not train
  std::string verify;  ///< a run's folder: replay its last stretch instead of training

  /// The variants' names, in the order given.
  std::vector<std::string> variant_names() const;
  // What the others' texts mean. Each throws UsageError where one is not understood.
  std::uint64_t memory_limit_bytes() const;  ///< 0: none
  nn::UpdateOptions updates() const;
  train::Trainer::Options training() const;
  nn::FirstWeights first() const;
  /// Ratings that a step is of; an epoch's last may be of fewer.
  std::uint64_t step_rows() const { return static_cast<std::uint64_t>(batch * accumulate); }
  bool is_ordinal() const { return likelihood == "ordinal"; }
  /// `training_mean`: of the training ratings. Without levels, which the data set has.
  models::VariantOptions sizes(double training_mean) const;
  /// What this variant reads where the data set has all of it.
  features::ExtraSet extras(const models::Variant& of) const;
};

inline constexpr int kMostUnits = 65536;

/// Units of each hidden layer, with commas between; `published`: none, which leaves them to the
/// variant. Throws UsageError.
std::vector<std::size_t> parse_hidden(const std::string& text);

/// Of the inputs of the dense layers on the way to the rating: `0.2,0.5`, one after the other; one
/// number: of the second, behind the first hidden layer. Throws UsageError.
std::vector<float> parse_dropout(const std::string& text);

/// The options as a run writes them down, in lines `name = value`.
struct OptionTexts {
  std::string saved;  ///< for options.cfg: --config reads it back
  /// For a network: those that decide its bits, besides the data.
  std::function<std::string(const models::Network&)> deciding;
};

}  // namespace nnrec::run
