#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/serve/model.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/checkpoint.hpp"

namespace nnrec::run {

/// Where a trained model lies, and the folder of the set that the options of its run's folder name
/// (empty where there are no such options).
struct ModelSource {
  std::filesystem::path checkpoint;
  train::CheckpointHead head;
  std::string data;
  std::filesystem::path run{};                   ///< around it; empty: none
  std::vector<std::filesystem::path> samples{};  ///< sampled models that the run keeps
  bool is_chosen = false;                        ///< in the folder, where newer ones may come
};

/// `place`: a checkpoint, or a run's folder: its checkpoint of the best validation RMSE, without
/// one the last; a job may train there. `variant` may be empty where the run has only one. What is
/// taken is named in the log. Throws UsageError that lists the variants, InputError.
ModelSource find_model(const std::filesystem::path& place, const std::string& variant, Log& log);

/// Whether these are the values that the model was trained on.
bool is_trained_on(const ModelSource& source, const shards::ShardSet& set);

/// The set in `data`, or where that is empty the one that the run names. Throws InputError where
/// neither is there, or it is not the one that the model was trained on.
shards::ShardSet open_training_set(const ModelSource& source, const std::string& data);

/// Reads the weights and takes `set` over; where it throws the set is as it was. Requires:
/// is_trained_on(source, set). Throws InputError.
serve::Model load_model(const ModelSource& source, shards::ShardSet&& set);
/// Whether the model is one that --sampler drew, of some whose mean the run judged.
bool is_sampled(const ModelSource& source);
/// Gives `model`, which load_model() made of it, the source's samples of the same mean: drawn by
/// the same sampler on the same data. Their number is named in the log; where none is kept, or one
/// of the models was given as a file, or others lie beside them, that is warned of.
/// Throws as load_model().
void load_samples(const ModelSource& source, serve::Model& model, Log& log);

/// Where a job that trains in the source's folder has removed what it names: chooses anew, and
/// returns true. Throws InputError, also where another run lies there now.
bool renew(ModelSource& source, Log& log);

/// Returns read(), which reads what the source names; again where that was removed meanwhile.
/// Throws as read(), and InputError where it is removed time and again.
template <typename Read>
auto read_present(ModelSource& source, Log& log, const Read& read) {
  for (int look = 1; look <= kMostLooks; ++look) {
    try {
      return read();
    } catch (const InputError&) {
      if (!renew(source, log)) throw;
    }
  }
  throw_removed(source.run, source.head.info.variant);
}

/// load_model() and load_samples() of what is there.
serve::Model load_present_model(ModelSource& source, shards::ShardSet&& set, Log& log);

}  // namespace nnrec::run
