#include "event_log.hpp"

#include <chrono>
#include <cmath>
#include <span>
#include <vector>

#include "nnrec/io/folder.hpp"

namespace nnrec::run {
namespace {

constexpr std::size_t kRanges = 30;

double unix_seconds() {
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return now.count();
}

std::vector<io::EventFile::Scalar> scalars_of(const HistoryRow& row) {
  std::vector<io::EventFile::Scalar> scalars;
  scalars.reserve(5);
  if (row.train_rmse) scalars.push_back({"RMSE/train", *row.train_rmse});
  if (row.validation_rmse) scalars.push_back({"RMSE/validation", *row.validation_rmse});
  if (row.test_rmse) scalars.push_back({"RMSE/test", *row.test_rmse});
  scalars.push_back({"learning_rate", row.learning_rate});
  scalars.push_back({"ratings_per_second", row.ratings_per_second});
  return scalars;
}

std::vector<float> row_norms(const math::ConstMatrix& table) {
  std::vector<float> norms;
  norms.reserve(table.rows);
  for (std::size_t row = 0; row < table.rows; ++row) {
    double squares = 0;
    for (const float value : std::span(table.row(row), table.cols))
      squares += static_cast<double>(value) * static_cast<double>(value);
    norms.push_back(static_cast<float>(std::sqrt(squares)));
  }
  return norms;
}

}  // namespace

EventLog::EventLog(const std::filesystem::path& folder, Log& log) : log_(&log), folder_(folder) {
  io::make_folder(folder, "--logdir ");
}

void EventLog::begin(const std::string& variant, const train::TrainProgress& progress) {
  if (folder_.empty()) return;
  try {
    file_.emplace(folder_ / variant, progress.step + 1, unix_seconds());
  } catch (const IoError& refusal) {
    stop(refusal);
  }
}

void EventLog::epoch(const HistoryRow& row, const nn::ParameterSet& parameters) {
  if (!file_) return;
  try {
    const double now = unix_seconds();
    file_->write(row.step, now, scalars_of(row));
    const auto& blocks = parameters.layout().blocks();
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      if (blocks[block].kind != nn::BlockKind::table || blocks[block].rows == 0) continue;
      file_->write(row.step, now, "row_norms/" + blocks[block].name,
                   io::histogram_of(row_norms(parameters.matrix(block)), kRanges));
    }
  } catch (const IoError& refusal) {
    stop(refusal);
  }
}

void EventLog::stop(const Error& refusal) {
  log_->warn("--logdir: nothing more goes there: {}", refusal.what());
  file_.reset();
  folder_.clear();
}

}  // namespace nnrec::run
