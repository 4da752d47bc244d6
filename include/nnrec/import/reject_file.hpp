#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/import/rating_rules.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::importing {

/// Where bad lines go: "file:line:column: reason <tab> the line", after a first line that says what
/// the file is. It appears whole at close(), and only when there are bad lines; one of an earlier
/// run goes. Without close() all is as it was.
class RejectFile {
 public:
  /// An empty path: the lines go nowhere.
  explicit RejectFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Throws IoError.
  void add(const std::string& reason, const std::string& line);
  /// Throws IoError.
  void close();

 private:
  void require_written() const;

  std::filesystem::path path_;
  std::optional<io::StagedFile> staged_;
  std::ofstream file_;
};

/// Throws UsageError when `path` is one of the input `files`. An empty path is none.
void require_no_input(const std::filesystem::path& path,
                      const std::vector<std::filesystem::path>& files);

/// Throws UsageError or InputError unless rejected lines may be written to `path`: it does not lie
/// in the folder `output`, and is free or holds rejected lines. An empty path may be.
void require_free_for_rejects(const std::filesystem::path& path,
                              const std::filesystem::path& output);

}  // namespace nnrec::importing
