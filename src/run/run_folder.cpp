#include "nnrec/run/run_folder.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <system_error>

#include <fmt/chrono.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/run/history.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// A killed job's ranks outlive its launcher by a moment.
constexpr double kLockWaitSeconds = 5;

/// Makes the folder where it is missing; returns whether it was.
bool make_folder(const fs::path& folder) {
  std::error_code error;
  const bool is_new = fs::create_directories(folder, error);
  if (error) throw IoError("--run {}: cannot be made: {}", folder.string(), error.message());
  return is_new;
}

void write_text(const fs::path& path, const std::string& text) {
  io::write_atomically(path, [&](const fs::path& temporary) {
    std::ofstream file(temporary);
    file << text << std::flush;
    if (!file) throw IoError("{}: cannot be written: {}", path.string(), system_reason());
  });
}

/// The step that a checkpoint's file name says, where it is one of this variant.
std::optional<std::uint64_t> step_of(const std::string& name, std::string_view variant) {
  const std::string head = fmt::format("{}-step-", variant);
  if (!name.starts_with(head) || !name.ends_with(".h5")) return std::nullopt;
  std::uint64_t step = 0;
  const char* last = name.data() + name.size() - 3;
  const auto [end, error] = std::from_chars(name.data() + head.size(), last, step);
  if (error != std::errc{} || end != last) return std::nullopt;
  return step;
}

void remove_leftovers(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (io::is_temporary_name(name)) fs::remove(entry.path(), error);
  }
}

}  // namespace

std::vector<SavedCheckpoint> find_checkpoints(const fs::path& run, std::string_view variant) {
  std::vector<SavedCheckpoint> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", error)) {
    const auto step = step_of(entry.path().filename().string(), variant);
    if (step) found.push_back({*step, entry.path()});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw IoError("{}: cannot be listed: {}", (run / "checkpoints").string(), error.message());
  }
  std::ranges::sort(found, {}, &SavedCheckpoint::step);
  return found;
}

RunFolder::RunFolder(fs::path folder, Log& log)
    : folder_(std::move(folder)),
      is_new_(make_folder(folder_)),
      lock_(folder_, kLockWaitSeconds),
      history_path_(folder_ / "history.csv") {
  if (!lock_.holds()) {
    log.warn("{}: this file system has no locks: a second job in the folder would not be noticed",
             folder_.string());
  }
}

RunFolder::~RunFolder() {
  if (is_open_ || !is_new_) return;
  std::error_code ignored;  // what is left does no harm
  for (const char* name : {"log.txt", io::FolderLock::kFileName})
    fs::remove(folder_ / name, ignored);
  fs::remove(folder_, ignored);
}

bool RunFolder::holds_run() const {
  std::error_code ignored;
  return fs::exists(history_path_, ignored) || fs::exists(folder_ / "checkpoints", ignored);
}

fs::path RunFolder::checkpoint(std::string_view variant, std::uint64_t step) const {
  return folder_ / "checkpoints" / fmt::format("{}-step-{:010}.h5", variant, step);
}

std::vector<RunFolder::HistoryRow> RunFolder::read_history_rows() const {
  std::vector<HistoryRow> rows;
  std::error_code ignored;
  if (!fs::exists(history_path_, ignored)) return rows;
  std::ifstream file(history_path_);
  std::string line;
  if (std::getline(file, line) && line != kHistoryHeader) {
    throw InputError("{}:1:1: header = '{}' where '{}' is expected. Move the file away to go on.",
                     history_path_.string(), line.substr(0, 100), kHistoryHeader);
  }
  while (std::getline(file, line)) {
    const auto comma = std::min(line.find(','), line.size());
    HistoryRow row{line.substr(0, comma), 0, line};
    std::from_chars(line.data() + std::min(comma + 1, line.size()), line.data() + line.size(),
                    row.epoch);
    rows.push_back(std::move(row));
  }
  if (file.bad()) throw IoError("{}: cannot be read", history_path_.string());
  return rows;
}

std::uint64_t RunFolder::history_epochs(std::string_view variant) const {
  const auto rows = read_history_rows();
  return static_cast<std::uint64_t>(std::ranges::count(rows, variant, &HistoryRow::variant));
}

void RunFolder::open_run(const std::string& options,
                         const std::map<std::string, train::TrainProgress>& points, Log& log) {
  make_folder(folder_ / "checkpoints");
  is_open_ = true;
  remove_leftovers(folder_);
  remove_leftovers(folder_ / "checkpoints");
  for (const auto& [variant, progress] : points) {
    for (const SavedCheckpoint& saved : find_checkpoints(folder_, variant)) {
      if (saved.step <= progress.step) continue;
      fs::path aside = saved.path;
      aside += ".refused";
      std::error_code error;
      fs::rename(saved.path, aside, error);
      if (error) throw IoError("{}: cannot be renamed: {}", saved.path.string(), error.message());
    }
  }
  write_text(folder_ / "options.cfg", options);
  start_history(points, log);
}

void RunFolder::start_history(const std::map<std::string, train::TrainProgress>& points, Log& log) {
  std::string kept = fmt::format("{}\n", kHistoryHeader);
  std::map<std::string, std::uint64_t> found;
  for (const HistoryRow& row : read_history_rows()) {
    const auto point = points.find(row.variant);
    if (point != points.end() && (row.epoch < 1 || row.epoch > point->second.epoch)) continue;
    ++found[row.variant];
    kept += row.text + "\n";
  }
  for (const auto& [variant, progress] : points) {
    if (found[variant] >= progress.epoch) continue;
    log.warn("{}: has {} of the {} epochs that {} is trained for; the others' rows are lost",
             history_path_.string(), found[variant], progress.epoch, variant);
  }
  write_text(history_path_, kept);
  whole_bytes_ = kept.size();
  history_.reset(std::fopen(history_path_.c_str(), "a"));
  if (!history_) {
    throw IoError("{}: cannot be opened: {}", history_path_.string(), system_reason());
  }
}

void RunFolder::write_pending() {
  if (!history_) history_.reset(std::fopen(history_path_.c_str(), "a"));
  const bool written = history_ && std::fputs(pending_.c_str(), history_.get()) >= 0 &&
                       std::fflush(history_.get()) == 0;
  if (written) {
    whole_bytes_ += pending_.size();
    pending_.clear();
    io::flush_to_device(history_path_);
    return;
  }
  const std::string reason = system_reason();
  history_.reset();
  std::error_code ignored;  // the reason is on its way; a cut row would spoil the whole rows
  fs::resize_file(history_path_, whole_bytes_, ignored);
  throw IoError("{}: cannot be written: {}", history_path_.string(), reason);
}

void RunFolder::append_history(std::string_view variant, const train::EpochResult& epoch,
                               double validation, double learning_rate) {
  const std::string shown = std::isnan(validation) ? "" : fmt::format("{:.9g}", validation);
  const double seconds = std::max(epoch.seconds, 1e-9);
  pending_ += fmt::format("{},{},{},{:.9g},{},{:.9g},{:.6f},{:.0f}\n", variant, epoch.epoch,
                          epoch.step, epoch.train.rmse(), shown, learning_rate, epoch.seconds,
                          static_cast<double>(epoch.rows_trained) / seconds);
  write_pending();
}

void RunFolder::remove_old_checkpoints(std::string_view variant, std::size_t keep,
                                       std::uint64_t best_step) const {
  std::error_code ignored;  // one too many does no harm, and the next save tries again
  if (best_step != 0 && !fs::exists(checkpoint(variant, best_step), ignored)) return;
  const auto found = find_checkpoints(folder_, variant);
  for (std::size_t i = 0; i + keep < found.size(); ++i) {
    if (found[i].step != best_step) fs::remove(found[i].path, ignored);
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
