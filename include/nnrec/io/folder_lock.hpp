#pragma once

#include <filesystem>
#include <string>

namespace nnrec::io {

/// Keeps a folder for one process: an exclusive lock (flock) on the file `lock` in it, whose text
/// says who holds it. The system frees it when the process ends in any way, so none is ever stale.
/// Not seen by processes that do not ask for it.
class FolderLock {
 public:
  static constexpr const char* kFileName = "lock";

  /// Waits up to `wait_seconds` for a holder to end: ranks of a killed job live on for a moment.
  /// Throws UsageError that names the holder, or a file of that name that no holder wrote, IoError
  /// when it cannot be made.
  FolderLock(const std::filesystem::path& folder, double wait_seconds);
  ~FolderLock();
  /// Throws UsageError as the constructor; writes nothing.
  static void require_free(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// False where the file system has no locks: then nobody is kept out.
  bool holds() const noexcept { return holds_; }

 private:
  int descriptor_ = -1;
  bool holds_ = false;
};

}  // namespace nnrec::io
