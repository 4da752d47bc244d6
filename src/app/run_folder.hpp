#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::app {

/// The folder of one run, written by rank 0 alone:
///     options.cfg  history.csv  log.txt  checkpoint-<variant>.h5
class RunFolder {
 public:
  /// Makes the folder, starts its history, and sends `log` to its log.txt too.
  /// Throws UsageError when it already holds a history (nothing is ever overwritten), IoError.
  RunFolder(std::filesystem::path folder, const std::string& options, Log& log);

  const std::filesystem::path& path() const noexcept { return folder_; }
  std::filesystem::path checkpoint(std::string_view variant) const;
  /// Appends a row and hands it to the system at once, so that a killed run keeps it. `validation`
  /// NaN: an empty field.
  void append_history(std::string_view variant, const train::EpochResult& epoch, double validation,
                      double learning_rate);

 private:
  /// Adds whole rows; when the device refuses, cuts the file back to its whole rows and throws.
  void append(const std::string& text);

  std::filesystem::path folder_;
  FileHandle history_;
  std::uintmax_t whole_bytes_ = 0;
};

/// runs/<UTC time>, with a number where that exists, for runs that were given no folder.
std::filesystem::path default_run_folder();

}  // namespace nnrec::app
