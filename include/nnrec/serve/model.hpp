#pragma once

#include <string>
#include <vector>

#include "nnrec/features/features.hpp"
#include "nnrec/math/matrix.hpp"
#include "nnrec/models/network.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::serve {

/// A trained model with the set whose users and items its tables have: all that answers need. Who
/// holds it only reads, so that one serves all threads.
struct Model {
  std::string variant;
  std::string digest;  ///< of the parameters
  shards::ShardSet set;
  features::OwnedSessions sessions;  ///< of variants that read them; viewed by `features`
  features::Features features;
  models::Network network;
  nn::ParameterSet parameters;
  /// Of a sampled run, where answers are to be means: other models with their ratings' precision.
  struct Sample {
    nn::ParameterSet parameters;
    double noise_precision;
  };
  std::vector<Sample> samples{};
};

/// The widest table that this column looks up (others are biases), of the model's parameters or a
/// sample's; without rows where there is none.
math::ConstMatrix widest_table(const Model& model, const nn::ParameterSet& parameters,
                               features::IdColumn column);

}  // namespace nnrec::serve
