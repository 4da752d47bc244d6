#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/features/row_names.hpp"
#include "nnrec/shards/shard_set.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::train {

inline constexpr std::int64_t kCheckpointSchemaVersion = 5;

/// The checkpoint that a run branched from (--resume PATH).
struct CheckpointOrigin {
  std::string path{};          ///< absolute; empty: the run began by itself
  std::string from_run{};      ///< the same as seen from the run's folder: both may move together
  std::string model_digest{};  ///< as it was then, whatever lies there by now
};

/// What a checkpoint says of itself besides the state.
struct CheckpointInfo {
  std::string variant;
  std::string data_digest;  ///< Manifest::digest of the training data
  std::string options;      ///< those that decide the result, as lines `name = value`
  /// Where options were changed on the way, a line each: `step N: name = value, was value` (see
  /// run/changes.hpp).
  std::string changes;
  CheckpointOrigin origin{};
  std::string build{};  ///< of the program that saved it, as lines `name = value`
  /// Of a sampled model: 1 / the variance of ratings around it; 0: not known.
  double noise_precision = 0;
};

/// What can be known of a checkpoint without its parameters.
struct CheckpointHead {
  CheckpointInfo info;
  TrainProgress progress;
  std::string model_digest{};  ///< of TrainState::model()
  bool is_drawn = false;       ///< by --sampler: its warm-up is over
  std::uint64_t samples = 0;   ///< of those models, what the run averages so far
};

/// What the rows of a checkpoint's tables stand for.
struct SavedRowNames {
  std::vector<std::string> users;
  std::vector<std::string> titles;
  std::vector<std::string> words;
  std::vector<std::string> genres;
  features::TimeRange times;
  features::RowNames view() const {
    return {users, titles, words, genres, times.first, times.last};
  }
};

/// Writes a sealed HDF5 file, whole or not at all. One rank calls it. Throws IoError.
/// Data sets parameters/<block>, shape (rows, cols), average/<block> where one is kept, and
/// state/<slot>/<block>, of the same shape or (rows, 1), float; what sampling keeps as
/// sampling/...; texts rows/<user, title, word, genre>; the numbers of TrainState, the info and the
/// model digest as attributes.
void save_checkpoint(const std::filesystem::path& path, const TrainState& state,
                     const CheckpointInfo& info, const features::RowNames& rows);

/// Checks the whole file's seal, then reads the head. Throws InputError naming the file.
CheckpointHead read_checkpoint_head(const std::filesystem::path& path);

/// As read_checkpoint_head.
SavedRowNames read_row_names(const std::filesystem::path& path);

/// By block of the layout, how many rows the checkpoint has of it; 0 where it has none. Throws as
/// read_checkpoint_head.
std::vector<std::size_t> read_rows(const std::filesystem::path& path,
                                   const nn::ParameterLayout& layout);

/// Reads the state of a model of this layout and its rules. Throws InputError naming the file: not
/// sealed, another schema, names or shapes of parameters or state that differ, parameters that do
/// not give the stored model digest, a number that is not finite (its block and row).
TrainState load_checkpoint(const std::filesystem::path& path, const nn::ParameterLayout& layout,
                           const nn::UpdateRules& rules);
/// The same into `state`, of that layout and its rules; it is not defined where this throws.
void load_checkpoint(const std::filesystem::path& path, TrainState& state);

/// What the mean of the sampled models predicts for each row of an evaluated part.
struct MeanPredictions {
  std::vector<float> of_rows;
  std::uint64_t samples = 0;
};
/// Nothing: no model is averaged there. Throws as read_checkpoint_head().
std::optional<MeanPredictions> read_mean_predictions(const std::filesystem::path& path,
                                                     shards::Part part);

/// What answers, TrainState::model(), alone, refused for the same reasons: of who only predicts.
nn::ParameterSet load_parameters(const std::filesystem::path& path,
                                 const nn::ParameterLayout& layout);

}  // namespace nnrec::train
