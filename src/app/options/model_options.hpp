#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/features/features.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/serve/model.hpp"
#include "nnrec/serve/training_facts.hpp"
#include "nnrec/shards/shard_set.hpp"

#include "option_table.hpp"

namespace nnrec::app {

// The option lines that all programs share that answer with a trained model.

template <typename Options>
Option<Options> run_option(std::string Options::*member) {
  return {"run", member, not_empty("the folder of a run or a checkpoint"),
          "folder of a run (its checkpoint of the best validation RMSE, else the last), or a "
          "checkpoint"};
}

template <typename Options>
Option<Options> data_option(std::string Options::*member) {
  return {"data", member,
          "folder of the prepared set that the model was trained on; default: the one that the run "
          "names"};
}

template <typename Options>
Option<Options> variant_option(std::string Options::*member) {
  return {"variant", member, "which of the run's variants, where it has several"};
}

template <typename Options>
Option<Options> threads_option(int Options::*member) {
  return {"threads", member, in_range(0, math::kMostThreads),
          "the output is the same for any number; 0: OMP_NUM_THREADS, else the cores allowed"};
}

template <typename Options>
Option<Options> output_option(std::string Options::*member) {
  return {"output", member, not_empty("a file or -"),
          "file, whole or absent; -: the standard output"};
}

/// Throws UsageError where there is nothing for --clip to clip to.
inline void require_scale(const shards::Manifest& manifest) {
  if (manifest.has_scale) return;
  throw UsageError(
      "--clip: the set declares no scale to clip to; prepare it with --scale LOW:HIGH");
}

/// Throws UsageError where no model asks at which time, so that --at would only seem to do
/// something, and where it is in another unit.
inline void require_times(std::int64_t at, const serve::TrainingFacts& facts,
                          const std::vector<const serve::Model*>& models) {
  const auto reads_times = [](const serve::Model* model) {
    return features::reads_times(model->network.columns());
  };
  if (std::ranges::none_of(models, reads_times)) {
    std::string names;
    for (const serve::Model* model : models)
      names += (names.empty() ? "" : " nor ") + model->variant;
    throw UsageError("--at: {} reads no times; leave --at out", names);
  }
  if (const std::string refusal = serve::refusal_of_time(at, facts); !refusal.empty())
    throw UsageError("--at: {}", refusal);
}

/// Requires a declared scale.
inline float clipped(float rating, const shards::Manifest& manifest) {
  return static_cast<float>(manifest.scale()->clipped(static_cast<double>(rating)));
}

}  // namespace nnrec::app
