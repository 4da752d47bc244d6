#include "json_log.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"
#include "nnrec/base/patient_stream.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::run {
namespace {

using nlohmann::ordered_json;

ordered_json number(std::optional<double> value) {
  return value && std::isfinite(*value) ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json rmse_of(const train::Errors& errors) {
  return errors.squared.rows == 0 ? ordered_json(nullptr) : number(errors.rmse());
}

/// Whether the file's last line is cut, as a full disk or a killed job leaves it.
bool is_cut(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::ifstream file(path, std::ios::binary);
  file.seekg(-1, std::ios::end);
  return file && file.get() != '\n';
}

}  // namespace

JsonLog::JsonLog(const std::filesystem::path& path, Log& log)
    : log_(&log), name_(path.string()), file_(open_to_append(path, [&] {
        log.print("--json-log {}: waits for somebody who reads this pipe", path.string());
      })) {
  if (!file_) throw IoError("--json-log {}: cannot be opened: {}", name_, system_reason());
  if (is_cut(path)) std::fputc('\n', file_.get());
}

template <typename Object>
void JsonLog::write(const char* event, const Object& fields) {
  if (!file_) return;
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  ordered_json object{{"event", event}, {"time", std::round(now.count() * 1000) / 1000}};
  object.update(fields);
  const std::string line =
      object.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  const Written written = write_patiently(file_.get(), line);
  if (written == Written::all) return;
  log_->warn("--json-log {}: cannot be written ({}): nothing more goes there", name_,
             written == Written::refused ? system_reason() : "its reader takes no more");
  file_.reset();
}

void JsonLog::start(const Start& start) {
  write("start", ordered_json{{"run", start.run},
                              {"variants", start.variants},
                              {"epochs", start.epochs},
                              {"ranks", start.ranks},
                              {"threads", start.threads},
                              {"data_digest", start.data_digest}});
}

void JsonLog::begin(const std::string& variant, const train::TrainProgress& progress) {
  write("begin",
        ordered_json{{"variant", variant}, {"epoch", progress.epoch}, {"step", progress.step}});
}

void JsonLog::epoch(const HistoryRow& row, std::int64_t epochs) {
  write("epoch", ordered_json{{"variant", row.variant},
                              {"epoch", row.epoch},
                              {"epochs", epochs},
                              {"step", row.step},
                              {"train_rmse", number(row.train_rmse)},
                              {"validation_rmse", number(row.validation_rmse)},
                              {"test_rmse", number(row.test_rmse)},
                              {"learning_rate", number(row.learning_rate)},
                              {"seconds", number(row.seconds)},
                              {"ratings_per_second", number(row.ratings_per_second)}});
}

void JsonLog::save(const std::string& variant, std::uint64_t step,
                   const std::filesystem::path& path) {
  write("save", ordered_json{{"variant", variant}, {"step", step}, {"path", path.string()}});
}

void JsonLog::end(const TrainedVariant& trained) {
  write("end", ordered_json{{"variant", trained.variant},
                            {"epochs", trained.progress.epoch},
                            {"steps", trained.progress.step},
                            {"validation_rmse", rmse_of(trained.validation)},
                            {"test_rmse", rmse_of(trained.test)},
                            {"model_digest", trained.model_digest}});
}

void JsonLog::end(const std::string& how) {
  write("run", ordered_json{{"end", how}});
}

}  // namespace nnrec::run
