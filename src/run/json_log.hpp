#pragma once

#include <filesystem>
#include <string>

#include "nnrec/base/file_handle.hpp"
#include "nnrec/base/log.hpp"
#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::run {

/// What a run does, for programs that watch it: a JSON object a line, each on its way when the call
/// returns. Every object has `event` and `time` (Unix seconds). A file that refuses is warned of
/// once, and training goes on.
class JsonLog {
 public:
  /// Writes nothing.
  JsonLog() = default;
  /// Appends to `path`. Throws IoError when it cannot be opened. `log` outlives the object.
  JsonLog(const std::filesystem::path& path, Log& log);

  struct Start {
    std::string run;  ///< folder
    std::vector<std::string> variants;
    std::int64_t epochs = 0;
    int ranks = 0;
    int threads = 0;
    std::string data_digest;
  };
  void start(const Start& start);
  void begin(const std::string& variant, const train::TrainProgress& progress);
  void epoch(const HistoryRow& row, std::int64_t epochs);
  void save(const std::string& variant, std::uint64_t step, const std::filesystem::path& path);
  /// Of one variant.
  void end(const TrainedVariant& trained);
  /// Of the run: done, or stopped as asked.
  void end(const std::string& how);

 private:
  template <typename Object>
  void write(const char* event, const Object& fields);

  Log* log_ = nullptr;
  std::string name_;
  FileHandle file_;
};

}  // namespace nnrec::run
