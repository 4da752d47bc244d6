#include "nnrec/import/reject_file.hpp"

#include <algorithm>
#include <system_error>

#include "nnrec/base/error.hpp"
#include "nnrec/io/resolved_path.hpp"

namespace nnrec::importing {
namespace {
namespace fs = std::filesystem;

/// By it a file of rejected lines is known, so that it may be replaced.
constexpr std::string_view kFirstLine = "# nnrec_prep: rejected lines, place: reason <tab> line";

bool holds_rejected_lines(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string start(kFirstLine.size(), '\0');
  return file.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kFirstLine;
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto inner = io::resolved_path(path);
  const auto outer = io::resolved_path(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

void RejectFile::add(const std::string& reason, const std::string& line) {
  if (path_.empty()) return;
  if (!staged_) {
    staged_.emplace(path_, io::Links::followed);
    file_.open(staged_->path(), std::ios::binary | std::ios::trunc);
    file_ << kFirstLine << '\n';
  }
  file_ << reason << '\t' << line << '\n';
  require_written();
}

void RejectFile::close() {
  if (staged_) {
    file_.close();
    require_written();
    staged_->publish();
    staged_.reset();
  } else if (!path_.empty() && holds_rejected_lines(path_)) {
    std::error_code ignored;  // It would only be mistaken for this run's.
    fs::remove(path_, ignored);
  }
}

void RejectFile::require_written() const {
  if (!file_) throw IoError("{}: cannot write the rejected lines", path_.string());
}

void require_no_input(const fs::path& path, const std::vector<fs::path>& files) {
  std::error_code status;  // Within an archive a file is not there.
  for (const auto& file : files) {
    if (path.empty() || !fs::equivalent(path, file, status)) continue;
    throw UsageError("--reject-file {} is an input. Give another --reject-file.", path.string());
  }
}

void require_free_for_rejects(const fs::path& path, const fs::path& output) {
  if (path.empty()) return;
  const auto name = path.string();
  std::error_code status;
  if (lies_in(path, output)) {
    throw UsageError("--reject-file {} lies in --output {}. Give another --reject-file.", name,
                     output.string());
  }
  if (!fs::exists(path, status)) {
    const auto folder = fs::absolute(path).parent_path();
    if (io::resolved_path(output).parent_path() == io::resolved_path(folder))
      return;  // It is made with the output.
    if (fs::is_directory(folder, status)) return;
    throw UsageError("--reject-file {}: there is no folder {}. Make it, or give another file.",
                     name, folder.string());
  }
  if (!fs::is_regular_file(path, status)) {
    throw UsageError("--reject-file {} is not a regular file. Give another --reject-file.", name);
  }
  if (!holds_rejected_lines(path)) {
    throw InputError(
        "--reject-file {} exists and holds no rejected lines, so it is not replaced. Give another "
        "--reject-file or remove it.",
        name);
  }
}

}  // namespace nnrec::importing
