#include "nnrec/io/staged_folder.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/resolved_path.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

void rename_or_throw(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    throw IoError("{}: cannot be put in place: {}", to.string(), system_reason());
  }
}

bool is_free(const fs::path& path) {
  std::error_code status;
  return !fs::exists(path, status) || fs::is_empty(path, status);
}

fs::path aside_of(const fs::path& staged) {
  auto aside = staged;
  aside += "-old";
  return aside;
}

/// A process killed between the two renames of a replacement leaves nothing under the name, a later
/// one the old folder.
void recover(const fs::path& aside, const fs::path& final_path) {
  if (!fs::exists(aside)) return;
  if (is_free(final_path)) {
    rename_or_throw(aside, final_path);
  } else {
    fs::remove_all(aside);
  }
}

/// Of a folder that is locked.
void remove_content(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != FolderLock::kFileName) fs::remove_all(entry.path());
  }
}

/// Clears an exchanged old folder away, unless another process stages its own files there by now.
void remove_exchanged(const fs::path& staged) {
  try {
    FolderLock lock(staged, 0);
    remove_content(staged);
    lock.remove_folder();
  } catch (const std::exception&) {
    // The new folder is in place; the next process that stages the name removes the rest.
  }
}

bool is_mount_point(const fs::path& path) {
  struct statx facts {};
  return ::statx(AT_FDCWD, path.c_str(), 0, STATX_TYPE, &facts) == 0 &&
         (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// A folder gets its name by a renaming, which no mount point allows, and which leaves those who
/// stand in the folder of that name in one that is gone. What had the name is then removed.
void require_replaceable(const fs::path& path, const fs::path& as_given) {
  if (is_mount_point(path))
    throw UsageError(
        "{}: is a mount point, which cannot be replaced by another folder: name a folder in it, "
        "such as {}",
        as_given.string(), (path / "set").string());
  std::error_code unknown;
  if (fs::equivalent(path, fs::current_path(unknown), unknown))
    throw UsageError(
        "{}: is the folder that this program is started in, which another would replace: name a "
        "folder in it, such as {}, or start elsewhere",
        as_given.string(), (path / "set").string());
  if (!is_free(path) && ::access(path.c_str(), W_OK | X_OK) != 0)
    throw UsageError(
        "{}: is protected against writing ({}), and would be replaced: name another folder, or "
        "allow it (chmod u+w {})",
        as_given.string(), system_reason(), as_given.string());
}

void make_hidden_sibling(const fs::path& staged) {
  std::error_code failure;
  fs::create_directories(staged.parent_path(), failure);
  if (!failure) fs::create_directory(staged, failure);
  if (failure)
    throw IoError(
        "{}: cannot make {} in it, where files are written before they are put in place: {}",
        staged.parent_path().string(), staged.filename().string(), failure.message());
  if (::access(staged.c_str(), W_OK | X_OK) != 0)
    throw IoError(
        "{}: is what an earlier replacement has left, and is protected against writing ({}): "
        "remove it (chmod -R u+w, then rm -r)",
        staged.string(), system_reason());
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& final_path) {
  try {
    final_ = resolved_path(final_path);
    require_replaceable(final_, final_path);
    staged_ = final_.parent_path() / fmt::format(".{}.partial", final_.filename().string());
    make_hidden_sibling(staged_);
    lock_.emplace(staged_, 0);
    recover(aside_of(staged_), final_);
    remove_content(staged_);
  } catch (const fs::filesystem_error& error) {
    throw IoError("{}: cannot prepare the output folder: {}", final_path.string(),
                  error.code().message());
  }
}

StagedFolder::~StagedFolder() {
  if (staged_.empty() || !lock_->is_in_place()) return;
  try {
    remove_content(staged_);
    lock_->remove_folder();
  } catch (const std::exception&) {  // A leftover is removed by the next run.
  }
}

void StagedFolder::write(const std::function<void()>& work) const {
  under_final_name(staged_, final_, work);
}

void StagedFolder::publish() {
  if (!lock_->is_in_place()) {
    throw IoError(
        "{}: was removed or renamed while its files were written, so that {} is not made; try "
        "again, and leave it in place",
        staged_.string(), final_.string());
  }
  flush_to_device(staged_);
  bool exchanged = false;
  if (is_free(final_)) {
    rename_or_throw(staged_, final_);
  } else if (::renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, final_.c_str(), RENAME_EXCHANGE) ==
             0) {
    exchanged = true;
  } else {
    replace_by_renames(staged_, final_, aside_of(staged_));
  }
  const auto staged = std::exchange(staged_, {});
  // Only now: without it, another process could have emptied the folder before it had its name.
  const auto lock_path = final_ / FolderLock::kFileName;
  if (::unlink(lock_path.c_str()) != 0 && errno != ENOENT) {
    throw IoError("{}: cannot remove: {}", lock_path.string(), system_reason());
  }
  if (exchanged) remove_exchanged(staged);
  flush_to_device(final_);
  flush_to_device(final_.parent_path());
}

void replace_by_renames(const fs::path& from, const fs::path& to, const fs::path& aside) {
  if (::rename(to.c_str(), aside.c_str()) != 0) {
    // EXDEV: a lower layer of an overlay, as a container's image.
    throw IoError(
        "{}: cannot be replaced by another folder here: {}. Remove it first, or name another place",
        to.string(), system_reason());
  }
  try {
    rename_or_throw(from, to);
  } catch (const IoError&) {
    rename_or_throw(aside, to);
    throw;
  }
  std::error_code status;  // A leftover is removed by the next process.
  fs::remove_all(aside, status);
}

}  // namespace nnrec::io
