#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nnrec::app {

/// One of the runs whose errors a table averages.
struct AveragedRun {
  std::string name;  ///< of its folder
  std::uint64_t epochs = 0;
  std::string model_digest{};  ///< empty: not known
  /// Those that decide the model, every setting spelled out; none: not known.
  std::vector<std::pair<std::string, std::string>> options{};
  std::string changes{};  ///< as train::CheckpointInfo has them
};

/// What they say of a model that is not of its options alone, on one line: with whose weights it
/// began, what was changed on the way, and which data it has learnt from besides its own. Empty
/// where nothing was.
std::string told_changes(const std::string& changes);

/// What is wrong with a mean over runs, which are meant to differ in their seeds alone: a sentence
/// for models that count several times, one that names the options that differ, and one for each
/// run that began with other weights or was changed on the way. `model`: what the runs are of.
std::vector<std::string> notes_on_mean(const std::string& model,
                                       const std::vector<AveragedRun>& runs);

}  // namespace nnrec::app
