#include "run_folder.hpp"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>

#include <fmt/chrono.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"

#include "history.hpp"

namespace nnrec::app {

RunFolder::RunFolder(std::filesystem::path folder, const std::string& options, Log& log)
    : folder_(std::move(folder)) {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw IoError("--run {}: cannot be made: {}", folder_.string(), error.message());
  // Made exclusively and first: of two runs that want one folder, one gets it.
  const auto history = folder_ / "history.csv";
  history_.reset(std::fopen(history.c_str(), "wx"));
  if (!history_ && errno == EEXIST) {
    throw UsageError(
        "{} exists: --run {} holds another run; choose a new folder or remove that one",
        history.string(), folder_.string());
  }
  if (!history_) throw IoError("{}: cannot be made: {}", history.string(), std::strerror(errno));
  append(fmt::format("{}\n", kHistoryHeader));
  io::write_atomically(folder_ / "options.cfg", [&](const std::filesystem::path& temporary) {
    std::ofstream file(temporary);
    file << options << std::flush;
    if (!file) throw IoError("{}: cannot be written", temporary.string());
  });
  log.open_file(folder_ / "log.txt");
}

void RunFolder::append(const std::string& text) {
  const bool written = std::fputs(text.c_str(), history_.get()) >= 0;
  if (written && std::fflush(history_.get()) == 0) {
    whole_bytes_ += text.size();
    return;
  }
  const std::string reason = std::strerror(errno);
  const auto path = folder_ / "history.csv";
  history_.reset();
  std::error_code ignored;  // the reason is on its way; a cut row would spoil the whole rows
  std::filesystem::resize_file(path, whole_bytes_, ignored);
  throw IoError("{}: cannot be written: {}", path.string(), reason);
}

std::filesystem::path RunFolder::checkpoint(std::string_view variant) const {
  return folder_ / fmt::format("checkpoint-{}.h5", variant);
}

void RunFolder::append_history(std::string_view variant, const train::EpochResult& epoch,
                               double validation, double learning_rate) {
  const std::string shown = std::isnan(validation) ? "" : fmt::format("{:.9g}", validation);
  const double seconds = std::max(epoch.seconds, 1e-9);
  append(fmt::format("{},{},{},{:.9g},{},{:.9g},{:.6f},{:.0f}\n", variant, epoch.epoch, epoch.step,
                     epoch.train.rmse(), shown, learning_rate, epoch.seconds,
                     static_cast<double>(epoch.train.rows) / seconds));
}

std::filesystem::path default_run_folder() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto name =
      std::filesystem::path("runs") /
      fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  auto path = name;
  std::error_code ignored;
  for (int number = 2; std::filesystem::exists(path, ignored); ++number) {
    path = fmt::format("{}-{}", name.string(), number);
  }
  return path;
}

}  // namespace nnrec::app
