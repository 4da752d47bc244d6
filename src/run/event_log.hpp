#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "nnrec/base/error.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/io/event_file.hpp"
#include "nnrec/nn/parameters.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::run {

/// A run's epochs for TensorBoard: FOLDER/VARIANT/events.out.tfevents.NUMBER.nnrec, one file more
/// each time that a variant begins or goes on. At the step that an epoch ends with: the columns of
/// history.csv as scalars, and how long the rows of each table are. A file that refuses is warned
/// of once, and training goes on.
class EventLog {
 public:
  /// Writes nothing.
  EventLog() = default;
  /// Throws IoError when the folder cannot be made. `log` outlives the object.
  EventLog(const std::filesystem::path& folder, Log& log);

  /// What follows is of this variant, behind the steps of `progress`.
  void begin(const std::string& variant, const train::TrainProgress& progress);
  /// `parameters`: at the epoch's end.
  void epoch(const HistoryRow& row, const nn::ParameterSet& parameters);

 private:
  void stop(const Error& refusal);

  Log* log_ = nullptr;
  std::filesystem::path folder_;  ///< empty: nothing is written
  std::optional<io::EventFile> file_;
};

}  // namespace nnrec::run
