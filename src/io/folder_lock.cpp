#include "nnrec/io/folder_lock.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/system.hpp"

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

FolderLock::FolderLock(const std::filesystem::path& folder, double wait_seconds) {
  const auto path = folder / kFileName;
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    throw IoError("{}: cannot be made: {}", path.string(), system_reason());
  }
  require_holders(path, descriptor_);
  const Stopwatch watch;
  Attempt attempt = try_lock(descriptor_);
  while (attempt == Attempt::busy && watch.seconds() < wait_seconds) {
    std::this_thread::sleep_for(kPause);
    attempt = try_lock(descriptor_);
  }
  if (attempt == Attempt::busy) refuse(folder, descriptor_);
  holds_ = attempt == Attempt::locked;
  const std::string text = fmt::format("{}{} on host {}\n", kBegin, getpid(), host_name());
  // For people only: on a full disk the lock holds without it.
  [[maybe_unused]] const bool written =
      ftruncate(descriptor_, 0) == 0 && pwrite(descriptor_, text.data(), text.size(), 0) >= 0;
}

FolderLock::~FolderLock() {
  close(descriptor_);
}

}  // namespace nnrec::io
