#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/io/folder_lock.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// One checkpoint in a run folder.
struct SavedCheckpoint {
  std::uint64_t step = 0;
  std::filesystem::path path;
};

/// The checkpoints of a variant in a run's folder, oldest step first; whether they are valid is not
/// looked at.
std::vector<SavedCheckpoint> find_checkpoints(const std::filesystem::path& run,
                                              std::string_view variant);

/// The folder of one run, written by rank 0 of one job alone:
///     options.cfg  history.csv  log.txt  lock  checkpoints/<variant>-step-<step>.h5
class RunFolder {
 public:
  /// Makes the folder where it is missing and locks it. Throws UsageError naming the job that has
  /// it, IoError.
  RunFolder(std::filesystem::path folder, Log& log);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return folder_; }
  /// Whether a run has begun here before.
  bool holds_run() const;
  std::filesystem::path checkpoint(std::string_view variant, std::uint64_t step) const;

  /// Epochs of `variant` that history.csv has. Throws InputError when the file is no history.
  std::uint64_t history_epochs(std::string_view variant) const;

  /// Sends `log` to log.txt too. Throws IoError.
  void open_log(Log& log) const { log.open_file(folder_ / "log.txt"); }
  /// Begins or goes on with a run at these points: removes what killed writers left, writes
  /// `options`, takes from the history what lies behind a variant's point (others' rows stay), and
  /// sets aside checkpoints behind it, which were refused, as NAME.refused. Without this call a
  /// folder that was made new is removed in the end. Throws IoError, InputError.
  void open_run(const std::string& options,
                const std::map<std::string, train::TrainProgress>& points, Log& log);

  /// Appends a row and has it on the device on return. `validation` NaN: an empty field. After an
  /// IoError the row is kept and written with the next one.
  void append_history(std::string_view variant, const train::EpochResult& epoch, double validation,
                      double learning_rate);
  /// Removes the variant's checkpoints but the `keep` newest and that of the best epoch; none where
  /// the best one could not be saved.
  void remove_old_checkpoints(std::string_view variant, std::size_t keep,
                              std::uint64_t best_step) const;

 private:
  struct HistoryRow {
    std::string variant;
    std::uint64_t epoch = 0;
    std::string text;
  };
  std::vector<HistoryRow> read_history_rows() const;
  void start_history(const std::map<std::string, train::TrainProgress>& points, Log& log);
  void write_pending();

  std::filesystem::path folder_;
  bool is_new_;
  bool is_open_ = false;
  io::FolderLock lock_;
  std::filesystem::path history_path_;
  FileHandle history_;
  std::uintmax_t whole_bytes_ = 0;
  std::string pending_;  ///< rows that are not in the file yet
};

/// runs/<UTC time>, with a number where that exists, for runs that were given no folder.
std::filesystem::path default_run_folder();

}  // namespace nnrec::run
