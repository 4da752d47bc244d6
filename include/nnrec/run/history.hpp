#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/file_handle.hpp"

namespace nnrec::run {

/// One epoch of one variant: a row of history.csv.
struct HistoryRow {
  std::string variant;
  std::uint64_t epoch = 0;  ///< from 1
  std::uint64_t step = 0;   ///< optimiser updates since the start
  /// While the weights changed; nothing of a sampled epoch that was given up in its first step.
  std::optional<double> train_rmse;
  /// Of the parts that were evaluated: each epoch one of them at most.
  std::optional<double> validation_rmse;
  std::optional<double> test_rmse;
  double learning_rate = 0;
  double seconds = 0;  ///< that the process trained on it
  double ratings_per_second = 0;

  /// Of the ratings that were not trained on: what curves are drawn of.
  std::optional<double> held_out_rmse() const {
    return validation_rmse ? validation_rmse : test_rmse;
  }
};

/// A run's history.csv: its one reader and writer. Lines of text: the columns' names, then a row an
/// epoch with the fields of HistoryRow in their order; epochs of a variant rise.
class History {
 public:
  static constexpr const char* kFileName = "history.csv";

  /// `run`: the run's folder.
  explicit History(const std::filesystem::path& run) : path_(run / kFileName) {}

  const std::filesystem::path& path() const noexcept { return path_; }
  bool exists() const;
  /// A last line without an end was being written when the machine stopped: it is no row yet.
  /// Throws InputError with file:line:column of what is wrong, also where there is no file.
  std::vector<HistoryRow> read() const;
  /// Replaces the file by one of these rows, whole or not at all. Throws IoError.
  void begin(const std::vector<HistoryRow>& rows);
  /// Adds a row and has it on the device on return. After an IoError the row is kept and written
  /// with the next one. Requires: begin().
  void append(const HistoryRow& row);

 private:
  std::filesystem::path path_;
  FileHandle file_;
  std::uintmax_t whole_bytes_ = 0;
  std::string pending_;  ///< rows that are not in the file yet
};

}  // namespace nnrec::run
