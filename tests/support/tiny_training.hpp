#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "nnrec/comm/self_communicator.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/train/trainer.hpp"

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::testing {

/// The names in the registry: a test over them covers a variant that is added.
inline std::vector<std::string_view> variant_names() {
  std::vector<std::string_view> names;
  for (const auto& variant : models::variants()) names.push_back(variant.name);
  return names;
}

/// A small data set with one variant of small sizes, dropout included: what most tests of training
/// need. Of 400 ratings: 320 train, 80 test.
struct TinyTraining {
  struct Size {
    std::uint32_t users = 11;
    std::uint32_t items = 13;
    std::size_t ratings = 400;
  };
  explicit TinyTraining(std::string_view variant, const nn::UpdateOptions& updates = {})
      : TinyTraining(variant, updates, {}) {}
  /// `levels`: of an ordinal likelihood.
  TinyTraining(std::string_view variant, const nn::UpdateOptions& updates, const Size& size,
               const std::vector<float>& levels = {})
      : set(make_tiny_set(folder / "set", size.users, size.items, size.ratings)),
        training(read_part(set, shards::Part::train)),
        test(read_part(set, shards::Part::test)),
        training_rows(training.view()),
        features(set) {
    models::VariantOptions sizes;
    sizes.embedding_dim = 8;
    sizes.hidden.assign(variant == "complex" ? 2 : 1, 16);
    sizes.dropout = {0.0F, 0.3F};
    const models::Variant& known = models::find_variant(variant);
    features::SessionBuilder builder;
    builder.add(training.view());
    sessions = builder.finish(set.manifest().user_count);
    features.use_sessions(sessions.view());
    sizes.extras = features.available(features::parse_extras(known.features));
    sizes.levels = levels;
    network = known.build(features.table_rows(), sizes);
    rules.emplace(network.layout(), updates);
  }

  train::TrainState initial() const { return train::initial_state(network.layout(), *rules, 5); }

  /// The same in memory that the ranks of a node share. Collective.
  train::TrainState initial(comm::Communicator& ranks) const {
    return train::initial_state(ranks, network.layout(), *rules, 5);
  }

  /// A copy of `start` there.
  train::TrainState on_node(comm::Communicator& ranks, const train::TrainState& start) const {
    train::TrainState state = initial(ranks);
    static_cast<train::TrainProgress&>(state) = start;
    const auto copy = [](const nn::ParameterSet& from, nn::ParameterSet& to) {
      for (std::size_t block = 0; block < from.layout().blocks().size(); ++block) {
        std::ranges::copy(from.values(block), to.values(block).begin());
      }
    };
    if (ranks.node_rank() == 0) {
      copy(start.parameters, state.parameters);
      copy(start.optimizer_state, state.optimizer_state);
      if (start.average) copy(*start.average, *state.average);
    }
    ranks.node_barrier();
    return state;
  }

  /// This variant on all training ratings in memory, or on `rows`.
  train::ModelInput input() { return input(training_rows); }
  train::ModelInput input(train::NodeRows& rows) const { return {network, features, rows}; }

  TemporaryFolder folder;
  shards::ShardSet set;
  OwnedColumns training;
  OwnedColumns test;
  train::NodeRows training_rows;
  features::Features features;
  features::OwnedSessions sessions;
  models::Network network;
  std::optional<nn::UpdateRules> rules;
};

/// The first batch, of `rows` ratings, as one rank alone plans it. `tiny` outlives it.
struct FirstBatch {
  FirstBatch(TinyTraining& tiny, std::uint64_t rows) : planner(tiny.input(), {5, rows}, self) {
    planner.plan(0, 0, tiny.training_rows.size(), plan);
  }

  comm::SelfCommunicator self;
  train::BatchPlanner planner;
  train::BatchPlan plan;
};

}  // namespace nnrec::testing
