#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "nnrec/io/folder_lock.hpp"

namespace nnrec::io {

/// A folder that appears under its final name at once and whole. Files are written into a hidden
/// sibling (".NAME.partial"); publish() renames it. Without publish(), the destructor removes it;
/// what a killed process left is removed by the next one that stages the same name, and what it had
/// set aside (".NAME.partial-old") comes back when nothing has the name.
/// It does not judge whether what is under the final name may be replaced: the caller does.
class StagedFolder {
 public:
  /// Makes the hidden sibling, and the parents of `final_path` where missing.
  /// Throws IoError; UsageError when another process stages the same name, and for a place that no
  /// renaming reaches (a mount point, the working folder) or whose old folder could not be removed.
  explicit StagedFolder(const std::filesystem::path& final_path);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where the files are to be written before publish().
  const std::filesystem::path& path() const noexcept { return staged_; }
  const std::filesystem::path& final_path() const noexcept { return final_; }
  /// Runs `work`, which writes files there; its IoErrors name them as publish() would.
  void write(const std::function<void()>& work) const;

  /// Flushes the folder and gives it its final name; what had the name before is removed.
  /// Requires: the files in it are flushed. Throws IoError, also when the hidden folder is no
  /// longer this one's.
  void publish();

 private:
  std::filesystem::path final_;
  std::filesystem::path staged_;
  std::optional<FolderLock> lock_;
};

/// Gives the folder `from` the name `to`, where the file system cannot exchange two folders: what
/// has the name goes to `aside` and is then removed. For a moment no folder has the name. When
/// `from` cannot be put in place, the old one is put back. Throws IoError.
void replace_by_renames(const std::filesystem::path& from, const std::filesystem::path& to,
                        const std::filesystem::path& aside);

}  // namespace nnrec::io
