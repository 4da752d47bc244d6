#include "nnrec/io/file_stamp.hpp"

#include <sys/stat.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/system.hpp"

namespace nnrec::io {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp stamp_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw InputError("{}: cannot be read: {}", path.string(), system_reason());
  }
  return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

}  // namespace nnrec::io
