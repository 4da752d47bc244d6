#pragma once

#include <filesystem>
#include <string_view>

namespace nnrec::io {

/// Keeps a folder for one process: an exclusive lock (flock) on the file `lock` in it, whose text
/// says who holds it. The system frees it when the process ends in any way, so none is ever stale.
/// Not seen by processes that do not ask for it. It keeps a folder, not its path: what is renamed
/// or removed meanwhile leaves the path to others, which is_in_place() tells.
class FolderLock {
 public:
  static constexpr const char* kFileName = "lock";

  /// Makes the folder where it is missing, or goes before it is held. Waits up to `wait_seconds`
  /// for a holder to end: ranks of a killed job live on for a moment. Throws UsageError that names
  /// the holder, or a file of that name that no holder wrote, IoError when it cannot be made (of
  /// the folder `what`, as in "--run ", comes first).
  FolderLock(const std::filesystem::path& folder, double wait_seconds, std::string_view what = {});
  ~FolderLock();
  /// Throws UsageError as the constructor; writes nothing.
  static void require_free(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// False where the file system has no locks: then nobody is kept out.
  bool holds() const noexcept { return holds_; }
  /// Whether the constructor made the folder.
  bool made_folder() const noexcept { return made_folder_; }
  /// Whether what is at the folder's path is still what is held; true where that cannot be known.
  /// May be called by several threads.
  bool is_in_place() const noexcept;
  /// Where the folder that is held lies now; empty where it, or the file in it, was removed.
  std::filesystem::path moved_to() const;
  /// Removes the file and, where nothing else is in it, the folder; nothing where another's is in
  /// its place. The only way to remove a folder that others may wait for.
  void remove_folder() noexcept;

 private:
  void open_file(std::string_view what);
  bool is_at(const std::filesystem::path& path) const noexcept;

  std::filesystem::path path_;
  int descriptor_ = -1;
  bool holds_ = false;
  bool made_folder_ = false;
};

}  // namespace nnrec::io
