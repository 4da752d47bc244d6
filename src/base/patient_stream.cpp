#include "nnrec/base/patient_stream.hpp"

#include <cerrno>
#include <climits>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nnrec/base/stop_signals.hpp"

namespace nnrec {
namespace {

constexpr int kLookAgainMilliseconds = 100;

/// Waits until `stream` takes a piece of PIPE_BUF bytes; false when a stop is asked meanwhile.
bool wait_until_writable(std::FILE* stream) {
  pollfd file{fileno(stream), POLLOUT, 0};
  if (file.fd < 0) return true;  // a stream in memory takes all
  for (;;) {
    const int ready = poll(&file, 1, kLookAgainMilliseconds);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // what is wrong, writing says
    if (StopSignals::stop_is_asked()) return false;
  }
}

bool is_pipe(const std::filesystem::path& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISFIFO(facts.st_mode);
}

/// Where standard output or errors go into the same file by another way, they append from here on,
/// too: each would write over what the other has written.
void let_console_append(int descriptor) {
  struct stat file {};
  if (fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode)) return;
  for (const int console : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat other {};
    if (fstat(console, &other) == 0 && other.st_dev == file.st_dev && other.st_ino == file.st_ino)
      fcntl(console, F_SETFL, fcntl(console, F_GETFL) | O_APPEND);
  }
}

}  // namespace

FileHandle open_to_append(const std::filesystem::path& path, const std::function<void()>& waits) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  int descriptor = -1;
  for (bool has_waited = false;; has_waited = true) {
    descriptor = ::open(path.c_str(), kFlags | O_NONBLOCK, 0666);
    if (descriptor >= 0 || errno != ENXIO || !is_pipe(path)) break;  // not for want of a reader
    if (StopSignals::stop_is_asked()) {
      errno = EINTR;
      break;
    }
    if (!has_waited) waits();
    poll(nullptr, 0, kLookAgainMilliseconds);
  }
  if (descriptor < 0) return nullptr;
  fcntl(descriptor, F_SETFL, kFlags);
  let_console_append(descriptor);
  return FileHandle(fdopen(descriptor, "a"));
}

Written write_patiently(std::FILE* stream, std::string_view text) {
  while (!text.empty()) {
    if (!wait_until_writable(stream)) return Written::stopped;
    const std::string_view piece = text.substr(0, PIPE_BUF);
    if (std::fwrite(piece.data(), 1, piece.size(), stream) != piece.size() ||
        std::fflush(stream) != 0)
      return Written::refused;
    text.remove_prefix(piece.size());
  }
  return Written::all;
}

}  // namespace nnrec
