#include "nnrec/io/staged_folder.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

std::string reason() {
  return std::generic_category().message(errno);
}

fs::path resolved(const fs::path& path) {
  const auto whole = fs::weakly_canonical(fs::absolute(path));
  return whole.has_filename() ? whole : whole.parent_path();
}

void rename_or_throw(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    throw IoError("{}: cannot be put in place: {}", to.string(), reason());
  }
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& final_path) {
  try {
    final_ = resolved(final_path);
    staged_ = final_.parent_path() / fmt::format(".{}.partial", final_.filename().string());
    fs::create_directories(staged_);
    lock_.emplace(staged_, 0);
    for (const auto& entry : fs::directory_iterator(staged_)) {
      if (entry.path().filename() != FolderLock::kFileName) fs::remove_all(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    throw IoError("{}: cannot prepare the output folder: {}", final_path.string(),
                  error.code().message());
  }
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;  // A leftover is removed by the next run.
  if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedFolder::publish() {
  const auto lock_path = staged_ / FolderLock::kFileName;
  if (::unlink(lock_path.c_str()) != 0) {
    throw IoError("{}: cannot remove: {}", lock_path.string(), reason());
  }
  flush_to_device(staged_);
  std::error_code status;
  if (!fs::exists(final_, status) || fs::is_empty(final_, status)) {
    rename_or_throw(staged_, final_);
  } else if (::renameat2(AT_FDCWD, staged_.c_str(), AT_FDCWD, final_.c_str(), RENAME_EXCHANGE) !=
             0) {
    // This file system cannot exchange: for a moment there is no folder, but never a half one.
    auto old = staged_;
    old += "-old";
    rename_or_throw(final_, old);
    rename_or_throw(staged_, final_);
    fs::remove_all(old, status);
  }
  fs::remove_all(staged_, status);  // the exchanged old folder
  staged_.clear();
  flush_to_device(final_.parent_path());
}

}  // namespace nnrec::io
