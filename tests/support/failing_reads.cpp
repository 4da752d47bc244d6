#include "support/failing_reads.hpp"

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <sys/uio.h>

namespace {

std::atomic<int> error_of_reads = 0;
std::atomic<ino_t> failing_file = 0;
std::atomic<ino_t> awaited_file = 0;
std::function<void()> work_at_read;

ino_t number_of(const std::filesystem::path& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0)
    throw std::system_error(errno, std::generic_category(), path.string());
  return status.st_ino;
}

}  // namespace

/// Stands before the C library's, which preadv reaches.
extern "C" ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  struct stat status = {};
  if (const int error = error_of_reads;
      error != 0 && fstat(file, &status) == 0 && status.st_ino == failing_file) {
    errno = error;
    return -1;
  }
  if (ino_t awaited = awaited_file; awaited != 0 && fstat(file, &status) == 0 &&
                                    status.st_ino == awaited &&
                                    awaited_file.compare_exchange_strong(awaited, 0))
    work_at_read();
  const iovec room{bytes, size};
  return preadv(file, &room, 1, offset);
}

namespace nnrec::testing {

FailingReads::FailingReads(const std::filesystem::path& path, int error_number) {
  failing_file = number_of(path);
  error_of_reads = error_number;
}

FailingReads::~FailingReads() {
  error_of_reads = 0;
}

WorkAtRead::WorkAtRead(const std::filesystem::path& path, std::function<void()> work) {
  work_at_read = std::move(work);
  awaited_file = number_of(path);
}

WorkAtRead::~WorkAtRead() {
  awaited_file = 0;
}

}  // namespace nnrec::testing
