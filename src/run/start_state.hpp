#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nnrec/models/network.hpp"
#include "nnrec/nn/update_rules.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::run {

/// Who goes on.
struct Continuation {
  const Session& session;
  const models::Network& network;
  const std::string& variant;
};

/// Makes `state`, with nothing trained, that of a checkpoint, but for the seed. Of another data
/// set's, rows of tables follow the ids, titles, words, genres and times that they stand for; what
/// is new, or had no rating to learn from, stays as a new run's; a started epoch and the best begin
/// anew. So do a started epoch with another seed or order, the best where --sampler is on, and what
/// sampling keeps of another --sampler's options (train::SamplingState::follow). Returns a line for
/// each of these, or none. Collective: no. Throws InputError as train::load_checkpoint does;
/// `state` is then not defined. `saved`: of the checkpoint's head.
std::vector<std::string> load_start(const Continuation& who,
                                    const std::filesystem::path& checkpoint,
                                    const train::CheckpointInfo& saved, train::TrainState& state);

/// Gives `parameters`, those of a new run, the weights of another run's checkpoint. Rows of tables
/// follow what they stand for, where the data are others; what is new, or had no rating to learn
/// from there, stays as it is. Returns a line for each table whose rows moved.
/// Collective: no. Throws InputError naming the checkpoint: other blocks or sizes. `saved`: of its
/// head.
std::vector<std::string> load_warm_start(const Continuation& who,
                                         const std::filesystem::path& checkpoint,
                                         const train::CheckpointInfo& saved,
                                         nn::ParameterSet& parameters);

/// The layout of the checkpoint's model, whose tables may have the rows of another set.
nn::ParameterLayout saved_layout(const models::Network& network,
                                 const std::filesystem::path& checkpoint);

}  // namespace nnrec::run
