#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/base/log.hpp"
#include "nnrec/io/folder_lock.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/train/train_state.hpp"

namespace nnrec::run {

/// Texts of results; empty: none.
struct EndRecords {
  std::string result;  ///< of result.json
  std::string ended;   ///< of ended.json
};

/// The folder of one run, written by rank 0 of one job alone:
///     options.cfg  history.csv  log.txt  lock  result.json  checkpoints/<variant>-step-<step>.h5
///     <variant>.saved  ended.json (until the end)
class RunFolder {
 public:
  /// Makes the folder where it is missing and locks it; where it is empty, a new one by
  /// default_run_folder's name. Throws UsageError naming the job that has it, or where it is / or,
  /// without a run in it, a prepared data set's or a checkout of git; IoError.
  RunFolder(const std::filesystem::path& folder, Log& log);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  /// One that is only looked at, and need not be there: nothing is made. Throws as above.
  static RunFolder looked_at(const std::filesystem::path& folder) { return RunFolder(folder); }

  const std::filesystem::path& path() const noexcept { return folder_; }
  History& history() noexcept { return history_; }
  /// Whether a run has begun here before.
  bool holds_run() const;
  /// Epochs of `variant` that history.csv has. Throws InputError when the file is no history.
  std::vector<HistoryRow> history_of(std::string_view variant) const;

  /// Throws IoError where the folder at the path is no longer the one that this job has locked, as
  /// when it was renamed or removed: whatever writes into it asks first, and what changes it here
  /// throws so too. May be called by several threads.
  void require_kept() const;
  /// Sends `log` to log.txt too. Throws IoError.
  void open_log(Log& log) const { log.open_file(folder_ / "log.txt"); }
  /// Begins or goes on with a run at these points: removes what killed writers left, puts
  /// the texts of `records` (or none) in the place of former ends, writes `options`
  /// (what a person wrote there stays as options.cfg.given), takes from the history what lies
  /// behind a variant's point (others' rows stay), and sets aside checkpoints behind it, which were
  /// refused, as NAME.refused. Without this call a folder that was made new is removed in the end.
  /// Throws IoError; InputError before anything is changed.
  void open_run(const std::string& options,
                const std::map<std::string, train::TrainProgress>& points, Log& log,
                const EndRecords& records = {});
  /// Sets the variant's sampled models up to that step aside, as NAME.refused: they are of other
  /// data, or of another sampler. What the device refuses stays until it is called again.
  void set_samples_aside(const std::string& variant, std::uint64_t step) const;

  /// Writes result.json, which only a run that has reached its end has, in the place of ended.json.
  /// Throws IoError.
  void write_result(const std::string& text) const;
  /// Writes ended.json. Throws IoError.
  void write_ended(const std::string& text) const;

  /// Notes that a checkpoint of the variant was saved, where the device takes it.
  void note_saved(std::string_view variant) const;
  /// Whether one ever was, as far as can be known: in folders of older programs by its end alone.
  bool has_saved(std::string_view variant) const;
  /// Throws InputError where there is a history that cannot be read.
  void require_history() const;
  /// Renames a result.json or ended.json (`file`) that cannot be read, which open_run would remove.
  /// Returns its new path.
  std::filesystem::path set_record_aside(const char* file) const;
  /// Of the variant's checkpoints up to `step`, which was saved last, removes all but the `keep`
  /// newest and that of the best epoch; the oldest stays where the best one could not be saved.
  void remove_old_checkpoints(std::string_view variant, std::uint64_t step, std::size_t keep,
                              std::uint64_t best_step) const;
  /// Where there are more sampled models of the variant behind `step` than `most`, as a shorter
  /// --epochs may have left: removes those whose neighbours are nearest to each other, so that the
  /// others lie evenly, the newest among them.
  void thin_samples(std::string_view variant, std::size_t most, std::uint64_t step) const;

 private:
  explicit RunFolder(const std::filesystem::path& folder);
  void write_record(const char* file, const std::string& text) const;
  void set_refused_aside(const std::string& variant, std::uint64_t step) const;
  void begin_history(std::vector<HistoryRow> rows,
                     const std::map<std::string, train::TrainProgress>& points, Log& log);

  std::filesystem::path folder_;
  bool is_new_ = false;
  bool is_open_ = false;
  std::optional<io::FolderLock> lock_;
  History history_;
};

/// runs/<UTC time>, with a number where that exists, for runs that were given no folder.
std::filesystem::path default_run_folder();

}  // namespace nnrec::run
