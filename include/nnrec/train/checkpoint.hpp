#pragma once

#include <filesystem>
#include <string>

#include "nnrec/train/train_state.hpp"

namespace nnrec::train {

inline constexpr std::int64_t kCheckpointSchemaVersion = 1;

/// What a checkpoint says of itself besides the state.
struct CheckpointInfo {
  std::string variant;
  std::string optimizer;
  std::string data_digest;  ///< Manifest::digest of the training data
  std::string options;      ///< the options in force, as lines `name = value`
};

/// Writes a sealed HDF5 file, whole or not at all. One rank calls it. Throws IoError.
/// Data sets parameters/<block> and state/<slot>/<block>, shape (rows, cols), float; the numbers of
/// TrainState, the info and the model digest as attributes.
void save_checkpoint(const std::filesystem::path& path, const TrainState& state,
                     const nn::Optimizer& optimizer, const CheckpointInfo& info);

/// Reads only the info, after checking the seal. Throws InputError naming the file.
CheckpointInfo read_checkpoint_info(const std::filesystem::path& path);

/// Reads the state of a model of this layout and optimiser. Throws InputError naming the file: not
/// sealed, another schema, block names or shapes that differ, parameters that do not give the
/// stored model digest.
TrainState load_checkpoint(const std::filesystem::path& path, const nn::ParameterLayout& layout,
                           const nn::Optimizer& optimizer);

}  // namespace nnrec::train
