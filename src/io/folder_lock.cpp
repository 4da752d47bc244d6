#include "nnrec/io/folder_lock.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/system.hpp"
#include "nnrec/io/folder.hpp"

namespace nnrec::io {
namespace {

constexpr std::chrono::milliseconds kPause{50};

constexpr std::string_view kBegin = "process ";

std::string text_of(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t length = pread(descriptor, text.data(), text.size(), 0);
  return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

/// What the holder wrote of itself.
std::string holder(int descriptor) {
  std::string line = text_of(descriptor);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line.empty() ? "another process" : line;
}

/// Of a holder's file, which on a full disk is empty: another's would be overwritten.
void require_holders(const std::filesystem::path& path, int descriptor) {
  const std::string text = text_of(descriptor);
  if (text.empty() || text.starts_with(kBegin)) return;
  close(descriptor);
  throw UsageError(
      "{}: is not the file by which a job keeps the folder, and would be overwritten; move it "
      "away, or choose another folder",
      path.string());
}

enum class Attempt { locked, busy, no_locks };

Attempt try_lock(int descriptor) {
  if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Attempt::locked;
  return errno == EWOULDBLOCK || errno == EINTR ? Attempt::busy : Attempt::no_locks;
}

[[noreturn]] void refuse(const std::filesystem::path& folder, int descriptor) {
  const std::string who = holder(descriptor);
  close(descriptor);
  throw UsageError("{} is in use by {}; wait for it to end, or choose another folder",
                   folder.string(), who);
}

}  // namespace

void FolderLock::require_free(const std::filesystem::path& folder) {
  const auto path = folder / kFileName;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;  // nobody ever locked it
  require_holders(path, descriptor);
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) refuse(folder, descriptor);
  close(descriptor);
}

FolderLock::FolderLock(const std::filesystem::path& folder, double wait_seconds,
                       std::string_view what)
    : path_(folder / kFileName) {
  const Stopwatch watch;
  for (;;) {
    open_file(what);
    const Attempt attempt = try_lock(descriptor_);
    // A holder that ended may have removed the file, and this lock would keep nobody out.
    if (attempt != Attempt::busy && is_in_place()) {
      holds_ = attempt == Attempt::locked;
      break;
    }
    if (attempt == Attempt::busy) {
      if (watch.seconds() >= wait_seconds) refuse(folder, descriptor_);
      std::this_thread::sleep_for(kPause);
    }
    close(descriptor_);
  }
  const std::string text = fmt::format("{}{} on host {}\n", kBegin, getpid(), host_name());
  // For people only: on a full disk the lock holds without it.
  [[maybe_unused]] const bool written =
      ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, text.data(), text.size(), 0) >= 0;
}

FolderLock::~FolderLock() {
  close(descriptor_);
}

void FolderLock::open_file(std::string_view what) {
  // Between the two calls a holder may remove the folder, but not time and again.
  constexpr int kMostAttempts = 100;
  for (int attempt = 1;; ++attempt) {
    made_folder_ = make_folder(path_.parent_path(), what) || made_folder_;
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) return require_holders(path_, descriptor_);
    if (errno != ENOENT || attempt == kMostAttempts)
      throw IoError("{}: cannot be made: {}", path_.string(), system_reason());
  }
}

bool FolderLock::is_in_place() const noexcept {
  return is_at(path_);
}

bool FolderLock::is_at(const std::filesystem::path& path) const noexcept {
  struct stat held {};
  struct stat found {};
  if (fstat(descriptor_, &held) != 0) return errno != ESTALE;
  if (stat(path.c_str(), &found) != 0)
    return errno != ENOENT && errno != ENOTDIR && errno != ESTALE;
  return held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

std::filesystem::path FolderLock::moved_to() const {
  std::error_code unknown;
  const auto place =
      std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", descriptor_), unknown);
  const bool is_found = !unknown && place.filename() == kFileName && is_at(place);
  return is_found ? place.parent_path() : std::filesystem::path();
}

void FolderLock::remove_folder() noexcept {
  if (!is_in_place() || unlink(path_.c_str()) != 0) return;
  // From here on another may have the name. What is not empty stays.
  rmdir(path_.parent_path().c_str());
}

}  // namespace nnrec::io
