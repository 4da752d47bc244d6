#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "nnrec/base/file_handle.hpp"

namespace nnrec::io {

/// How values lie: as many of them in (limits[i - 1], limits[i]] as counts[i] says.
struct Histogram {
  double least = 0;
  double most = 0;
  double sum = 0;
  double squares = 0;
  std::vector<double> limits;
  std::vector<double> counts;
};

/// So many ranges of equal width from the least to the largest. Requires: values, all finite.
Histogram histogram_of(std::span<const float> values, std::size_t ranges);

/// An event file of TensorBoard: records of protobuf messages (`Event`), each between its length
/// and checksums. A program that goes on writes another file: files of a folder are read by name,
/// which is a rising number here, and each begins by saying from which step on former files are
/// void. Each event is on its way when the call returns.
/// Source: the public schemas event.proto and summary.proto of TensorBoard; TFRecord's framing.
class EventFile {
 public:
  /// What is measured at one step.
  struct Scalar {
    std::string tag;
    double value;
  };

  /// Makes the folder, and in it the next file. `first_step`: events of former files from this step
  /// on are void. Throws IoError naming the file.
  EventFile(const std::filesystem::path& folder, std::uint64_t first_step, double unix_seconds);

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Throws IoError.
  void write(std::uint64_t step, double unix_seconds, std::span<const Scalar> scalars);
  void write(std::uint64_t step, double unix_seconds, const std::string& tag,
             const Histogram& histogram);

 private:
  void write_event(const std::string& event);

  std::filesystem::path path_;
  FileHandle file_;
};

}  // namespace nnrec::io
