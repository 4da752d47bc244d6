#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/base/stop_signals.hpp"
#include "nnrec/comm/communicator.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/features/row_names.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/run/build.hpp"
#include "nnrec/run/result.hpp"
#include "nnrec/run/run_options.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/baselines.hpp"
#include "nnrec/train/evaluation.hpp"
#include "nnrec/train/exchange_cost.hpp"
#include "nnrec/train/node_rows.hpp"
#include "nnrec/train/trainer.hpp"
#include "nnrec/train/training_tally.hpp"

namespace nnrec::run {

/// What the training, or replaying, of each variant shares: ranks, options and the data in memory.
class Session {
 public:
  /// Opens the data set, checks that every variant can be trained on it, and reads its ratings,
  /// these not for a preflight.
  /// Collective. The arguments outlive the session. Throws AgreedError on all ranks.
  Session(const RunOptions& options, const OptionTexts& texts, comm::Communicator& ranks,
          const StopSignals& signals, Log& log);

  const RunOptions& options() const noexcept { return options_; }
  /// Those to be trained: of --variant all, the ones that the data set allows.
  const std::vector<std::string>& variants() const noexcept { return variants_; }
  const std::string& saved_options() const noexcept { return texts_.saved; }
  /// What decides this network's bits besides the data, as lines `name = value`.
  std::string deciding(const models::Network& network) const { return texts_.deciding(network); }
  comm::Communicator& ranks() const noexcept { return ranks_; }
  const StopSignals& signals() const noexcept { return signals_; }
  Log& log() const noexcept { return log_; }
  const math::ThreadTeam& team() const noexcept { return team_; }
  /// How this program was built and what it runs with, as lines `name = value`.
  std::string build() const { return build_lines(ranks_.library()); }
  const std::string& data_digest() const { return set_->manifest().digest; }
  /// What the rows of tables stand for in this data set. On rank 0 only, which reads and writes
  /// checkpoints: others keep no ids.
  features::RowNames row_names() const { return features::row_names(*set_); }
  std::uint64_t rows(shards::Part part) const { return set_->manifest().rows(part); }
  std::uint64_t training_rows() const { return rows(shards::Part::train); }
  models::Network build_network(const std::string& variant) const;
  /// Which of the wanted features the variant has, and which the data set lacks.
  void print_features(const std::string& variant, const models::Network& network) const;
  /// Throws UsageError where a group is not understood.
  nn::UpdateRules make_rules(const models::Network& network) const;
  /// With nothing trained; rows of tables that no training rating looks up are zero.
  train::TrainState initial_state(const models::Network& network,
                                  const nn::UpdateRules& rules) const;
  train::Trainer make_trainer(const models::Network& network, const nn::UpdateRules& rules,
                              train::TrainState state) const;
  /// Whether all tables of the network have their rows: before ratings are read
  /// (options().preflight) those of sessions and days have none.
  bool knows_rows(const models::Network& network) const;
  /// Of the validation or the test part.
  train::Evaluator make_evaluator(const models::Network& network, shards::Part part) const;
  /// What a model is to be better than on that part.
  const train::Baselines& baselines(shards::Part part) const {
    return part == shards::Part::test ? test_baselines_ : validation_baselines_;
  }
  /// The run's result when its variants have ended so.
  RunResult result(std::vector<TrainedVariant> variants) const;
  /// The scale that the data set declares.
  std::optional<shards::RatingScale> scale() const { return set_->manifest().scale(); }
  /// Not where options().preflight is set.
  const train::TrainingTally& tally() const { return *tally_; }
  const features::Features& features() const { return *features_; }
  /// As measured at the start; none where there is one node.
  const std::optional<train::Link>& link() const noexcept { return link_; }
  /// What the ratings take of a node's memory.
  std::uint64_t rating_bytes() const noexcept { return rating_bytes_; }
  /// Whether any rank was asked to stop. Collective.
  bool stop_is_asked() const;
  /// How to go on with what the job has saved: an order without its end.
  std::string way_on() const;
  /// Throws the AgreedError of a job that was stopped with all saved: "stopped as asked" and
  /// `where`, and how to go on.
  [[noreturn]] void throw_stopped(const std::string& where) const;

 private:
  train::ExchangeWay exchange_way(const models::Network& network) const;
  train::RowLimits share_ratings_memory() const;
  void open_data();
  void choose_variants();
  void read_ratings();
  void read_sessions();
  void print_start(double read_seconds) const;
  void require_validation() const;
  void print_evaluated() const;
  void print_baselines(shards::Part part) const;

  const RunOptions& options_;
  const OptionTexts& texts_;
  comm::Communicator& ranks_;
  const StopSignals& signals_;
  Log& log_;
  math::ThreadTeam team_;
  std::vector<std::string> variants_;
  std::optional<shards::ShardSet> set_;
  std::optional<features::Features> features_;
  std::vector<float> levels_;  ///< of the training ratings, where the likelihood is ordinal
  std::unique_ptr<train::NodeRows> training_;
  std::unique_ptr<train::NodeRows> validation_;
  std::unique_ptr<train::NodeRows> test_;
  shards::Times times_ = shards::Times::kept;  ///< as the variants want them
  int spare_threads_ = 0;                      ///< of each rank, to read on while it trains
  train::RowLimits limits_;
  std::uint64_t rating_bytes_ = 0;
  std::optional<train::TrainingTally> tally_;
  std::optional<train::Link> link_;
  double training_variance_ = 0;  ///< of the ratings, where a sampler wants it
  train::Baselines validation_baselines_;
  train::Baselines test_baselines_;
};

}  // namespace nnrec::run
