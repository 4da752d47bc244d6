#include "nnrec/run/run_folder.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <system_error>
#include <vector>

#include <fmt/chrono.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/option_lines.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// A killed job's ranks outlive its launcher by a moment.
constexpr double kLockWaitSeconds = 5;

void remove_leftovers(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (io::is_temporary_name(name)) fs::remove(entry.path(), error);
  }
}

/// A run's files do not belong among those of something else. A folder that holds other files, such
/// as notes or what a batch system writes, may well be a run's.
const fs::path& require_no_other(const fs::path& folder) {
  std::string what;
  if (const fs::path place = io::resolved_path(folder); place == place.root_path()) {
    what = "the root of all folders";
  } else if (io::is_there(folder / "options.cfg")) {
    return folder;
  } else if (io::is_there(folder / "manifest.h5")) {
    what = "the folder of a prepared data set";
  } else if (io::is_there(folder / ".git")) {
    what = "a checkout of git";
  }
  if (what.empty()) return folder;
  throw UsageError(
      "--run {}: is {}, and a run needs a folder of its own: give a new one, such as runs/NAME",
      folder.string(), what);
}

/// `path` with an ending by which nothing is there yet.
fs::path free_name(const fs::path& path, std::string_view ending) {
  fs::path aside = fmt::format("{}.{}", path.string(), ending);
  for (int number = 2; io::is_there(aside); ++number)
    aside = fmt::format("{}.{}-{}", path.string(), ending, number);
  return aside;
}

/// Of a folder that may be missing: a start that failed has left it without a checkpoint.
bool holds_nothing(const fs::path& folder) {
  std::error_code unknown;
  return !io::is_there(folder) || fs::is_empty(folder, unknown);
}

/// Returns where it lies now.
fs::path set_aside(const fs::path& path) {
  const fs::path aside = free_name(path, "refused");
  std::error_code error;
  fs::rename(path, aside, error);
  if (error) throw IoError("{}: cannot be renamed: {}", path.string(), error.message());
  return aside;
}

/// Whether a file of options holds what a run's `own` does not: a person wrote it, as comments and
/// options that are not saved tell.
bool says_more(const std::string& text, const std::string& own) {
  std::set<std::string> names{"group"};  // the one that a run's own has where it is given alone
  for (const auto& option : read_option_lines(own)) names.insert(option.first);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto mark = line.find(" = ");
    const bool is_own = mark != std::string::npos && line.find('#') == std::string::npos &&
                        names.contains(line.substr(0, mark));
    if (!is_own) return true;
  }
  return false;
}

/// Writes options.cfg. `text`, which is there, is kept beside it where a person wrote it: any where
/// there was no run yet.
void write_options(const fs::path& path, const std::string& text, const std::string& own,
                   bool held_run, Log& log) {
  if (held_run ? says_more(text, own) : !text.empty() && text != own) {
    const fs::path kept = free_name(path, "given");
    io::write_text_atomically(kept, text);
    log.warn("{}: {}: it is kept as {}, and only --config would read it", path.string(),
             held_run ? "has more than the options that a run saves there"
                      : "was there before the run, which saves its options there",
             kept.filename().string());
  }
  io::write_text_atomically(path, own);
}

/// Of the runs that begin in one second, each gets another.
fs::path make_default_folder() {
  fs::path path = default_run_folder();
  io::make_folder(path.parent_path(), "--run ");
  std::error_code error;
  while (!fs::create_directory(path, error)) {
    if (error) throw IoError("--run {}: cannot be made: {}", path.string(), error.message());
    path = default_run_folder();
  }
  return path;
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder, Log& log)
    : folder_(folder.empty() ? make_default_folder() : require_no_other(folder)),
      lock_(std::in_place, folder_, kLockWaitSeconds, "--run "),
      history_(folder_) {
  // Another may have come first to what was made for this job.
  is_new_ = folder.empty() || (lock_->made_folder() && !holds_run());
  if (!lock_->holds()) {
    log.warn("{}: this file system has no locks: a second job in the folder would not be noticed",
             folder_.string());
  }
}

RunFolder::RunFolder(const fs::path& folder) : folder_(require_no_other(folder)), history_(folder) {
  io::FolderLock::require_free(folder_);
}

RunFolder::~RunFolder() {
  if (is_open_ || !is_new_ || !lock_->is_in_place()) return;
  std::error_code ignored;  // what is left does no harm
  fs::remove(folder_ / "log.txt", ignored);
  lock_->remove_folder();
}

void RunFolder::require_kept() const {
  if (!lock_ || lock_->is_in_place()) return;
  const fs::path moved = lock_->moved_to();
  if (moved.empty()) {
    throw IoError(
        "--run {}: the folder, or the file {} in it, was removed while this job trained in it: "
        "nothing more is written there, since the name may be another job's by now. Leave a "
        "job's folder as it is until the job has ended.",
        folder_.string(), io::FolderLock::kFileName);
  }
  throw IoError(
      "--run {}: the folder was renamed while this job trained in it: nothing more is written, "
      "since the name may be another job's by now. What was saved is whole: --run {} goes on from "
      "it. Leave a job's folder as it is until the job has ended.",
      folder_.string(), moved.string());
}

bool RunFolder::holds_run() const {
  return history_.exists() || io::is_there(folder_ / "checkpoints");
}

std::vector<HistoryRow> RunFolder::history_of(std::string_view variant) const {
  if (!history_.exists()) return {};
  auto rows = history_.read();
  std::erase_if(rows, [&](const HistoryRow& row) { return row.variant != variant; });
  return rows;
}

void RunFolder::require_history() const {
  if (history_.exists()) static_cast<void>(history_.read());
}

void RunFolder::note_saved(std::string_view variant) const {
  const fs::path mark = saved_mark_path(folder_, variant);
  std::error_code ignored;
  if (fs::exists(mark, ignored)) return;
  try {
    io::write_text_atomically(
        mark, fmt::format("A checkpoint of {} was saved here. Where none is left, it is gone.\n",
                          variant));
  } catch (const IoError&) {  // what is saved is saved; the next save tries again
  }
}

bool RunFolder::has_saved(std::string_view variant) const {
  if (io::is_there(saved_mark_path(folder_, variant))) return true;
  try {
    const auto end = read_result(folder_);
    return end &&
           std::ranges::find(end->variants, variant, &VariantEnd::variant) != end->variants.end();
  } catch (const InputError&) {  // it will be set aside
    return false;
  }
}

void RunFolder::open_run(const std::string& options,
                         const std::map<std::string, train::TrainProgress>& points, Log& log,
                         const EndRecords& records) {
  require_kept();
  auto rows = history_.exists() ? history_.read() : std::vector<HistoryRow>{};
  const std::string former = io::read_text(folder_ / "options.cfg");
  const bool held_run = history_.exists() || !holds_nothing(folder_ / "checkpoints");
  // From here on the folder changes: nothing is refused now.
  io::make_folder(folder_ / "checkpoints", "--run ");
  is_open_ = true;
  remove_leftovers(folder_);
  remove_leftovers(folder_ / "checkpoints");
  remove_leftovers(folder_ / "samples");
  for (const auto& [variant, progress] : points) {
    set_refused_aside(variant, progress.step);
    std::error_code ignored;  // of one that begins anew there is nothing to miss
    if (progress.step == 0) fs::remove(saved_mark_path(folder_, variant), ignored);
  }
  write_options(folder_ / "options.cfg", former, options, held_run, log);
  begin_history(std::move(rows), points, log);
  // Last: where the device refuses the others, what had ended still has.
  write_record(kEndedFileName, records.ended);
  write_record(kResultFileName, records.result);
}

/// Without a text there is no file.
void RunFolder::write_record(const char* file, const std::string& text) const {
  const fs::path path = folder_ / file;
  if (!text.empty()) return io::write_text_atomically(path, text);
  std::error_code error;
  fs::remove(path, error);
  if (error) throw IoError("{}: cannot be removed: {}", path.string(), error.message());
}

void RunFolder::write_result(const std::string& text) const {
  require_kept();
  write_record(kResultFileName, text);
  write_record(kEndedFileName, "");
}

void RunFolder::write_ended(const std::string& text) const {
  require_kept();
  write_record(kEndedFileName, text);
}

void RunFolder::set_samples_aside(const std::string& variant, std::uint64_t step) const {
  require_kept();
  for (const SavedCheckpoint& sample : find_samples(folder_, variant)) {
    if (sample.step > step) continue;
    try {
      set_aside(sample.path);
    } catch (const IoError&) {  // the next save tries again; to who answers it is of another mean
    }
  }
}

fs::path RunFolder::set_record_aside(const char* file) const {
  require_kept();
  return set_aside(folder_ / file);
}

void RunFolder::set_refused_aside(const std::string& variant, std::uint64_t step) const {
  std::error_code ignored;  // they will be drawn again
  for (const SavedCheckpoint& sample : find_samples(folder_, variant)) {
    if (sample.step > step) fs::remove(sample.path, ignored);
  }
  for (const SavedCheckpoint& saved : find_checkpoints(folder_, variant)) {
    if (saved.step > step) set_aside(saved.path);
  }
}

void RunFolder::begin_history(std::vector<HistoryRow> rows,
                              const std::map<std::string, train::TrainProgress>& points, Log& log) {
  std::erase_if(rows, [&](const HistoryRow& row) {
    const auto point = points.find(row.variant);
    return point != points.end() && row.epoch > point->second.epoch;
  });
  for (const auto& [variant, progress] : points) {
    const auto found =
        static_cast<std::uint64_t>(std::ranges::count(rows, variant, &HistoryRow::variant));
    if (found >= progress.epoch) continue;
    log.warn(
        "{}: has {} of the {} epochs that {} is trained for: the others' rows are lost or, of a "
        "run that branched from another, in that one's folder",
        history_.path().string(), found, progress.epoch, variant);
  }
  history_.begin(rows);
}

void RunFolder::remove_old_checkpoints(std::string_view variant, std::uint64_t step,
                                       std::size_t keep, std::uint64_t best_step) const {
  require_kept();
  std::error_code ignored;  // one too many does no harm, and the next save tries again
  auto found = find_checkpoints(folder_, variant);
  std::erase_if(found, [&](const SavedCheckpoint& saved) { return saved.step > step; });
  if (found.empty()) return;
  // Where the device refused the best the oldest stays, which may be the best before it.
  const bool is_there =
      best_step == 0 || std::ranges::find(found, best_step, &SavedCheckpoint::step) != found.end();
  const std::uint64_t spared = is_there ? best_step : found.front().step;
  for (std::size_t i = 0; i + keep < found.size(); ++i) {
    if (found[i].step != spared) fs::remove(found[i].path, ignored);
  }
}

void RunFolder::thin_samples(std::string_view variant, std::size_t most, std::uint64_t step) const {
  require_kept();
  auto samples = find_samples(folder_, variant);
  std::erase_if(samples, [&](const SavedCheckpoint& sample) { return sample.step <= step; });
  std::error_code ignored;  // one too many does no harm, and the next save tries again
  while (samples.size() > std::max<std::size_t>(most, 1)) {
    // Of the first the neighbour before it is the beginning.
    const auto gap = [&](std::size_t i) {
      return samples[i + 1].step - (i == 0 ? 0 : samples[i - 1].step);
    };
    std::size_t least = 0;
    for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
      if (gap(i) < gap(least)) least = i;
    }
    fs::remove(samples[least].path, ignored);
    samples.erase(samples.begin() + static_cast<std::ptrdiff_t>(least));
  }
}

fs::path default_run_folder() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto name =
      fs::path("runs") /
      fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  auto path = name;
  std::error_code ignored;
  for (int number = 2; fs::exists(path, ignored); ++number) {
    path = fmt::format("{}-{}", name.string(), number);
  }
  return path;
}

}  // namespace nnrec::run
