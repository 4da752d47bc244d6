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

namespace nnrec::app {

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

  const std::filesystem::path& path() const noexcept { return folder_; }
  /// Whether a run has begun here before.
  bool holds_run() const;
  std::filesystem::path checkpoint(std::string_view variant, std::uint64_t step) const;

  /// Begins or goes on with a run: removes what killed writers left, writes `options`, keeps of the
  /// history each variant's rows up to the epoch given for it and no others, and sends `log` to
  /// log.txt too. Throws IoError.
  void open_run(const std::string& options, const std::map<std::string, std::uint64_t>& epochs,
                Log& log);

  /// Appends a row and has it on the device on return. `validation` NaN: an empty field. After an
  /// IoError the row is kept and written with the next one.
  void append_history(std::string_view variant, const train::EpochResult& epoch, double validation,
                      double learning_rate);
  /// Removes the variant's checkpoints but the `keep` newest and that of `best_step`.
  void remove_old_checkpoints(std::string_view variant, std::size_t keep,
                              std::uint64_t best_step) const;

 private:
  void start_history(const std::map<std::string, std::uint64_t>& epochs);
  void write_pending();

  std::filesystem::path folder_;
  io::FolderLock lock_;
  std::filesystem::path history_path_;
  FileHandle history_;
  std::uintmax_t whole_bytes_ = 0;
  std::string pending_;  ///< rows that are not in the file yet
};

/// runs/<UTC time>, with a number where that exists, for runs that were given no folder.
std::filesystem::path default_run_folder();

}  // namespace nnrec::app
