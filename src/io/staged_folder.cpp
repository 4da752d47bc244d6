#include "nnrec/io/staged_folder.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::io {
namespace {
namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";

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
    lock();
    for (const auto& entry : fs::directory_iterator(staged_)) {
      if (entry.path().filename() != kLockName) fs::remove_all(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    if (lock_descriptor_ >= 0) ::close(lock_descriptor_);
    throw IoError("{}: cannot prepare the output folder: {}", final_path.string(),
                  error.code().message());
  }
}

void StagedFolder::lock() {
  const auto path = staged_ / kLockName;
  lock_descriptor_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (lock_descriptor_ < 0) throw IoError("{}: cannot create: {}", path.string(), reason());
  // The lock ends with its process, so a killed one does not block the next. A file system
  // without locks gives another error than EWOULDBLOCK; then two writers are not told apart.
  if (::flock(lock_descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(lock_descriptor_);
    throw InputError("{}: another process is writing this folder. Wait for it to end.",
                     final_.string());
  }
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;  // A leftover is removed by the next run.
  if (!staged_.empty()) fs::remove_all(staged_, ignored);
  if (lock_descriptor_ >= 0) ::close(lock_descriptor_);
}

void StagedFolder::publish() {
  const auto lock_path = staged_ / kLockName;
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
