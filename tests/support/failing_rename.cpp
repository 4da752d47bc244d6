#include "support/failing_rename.hpp"

#include <cerrno>
#include <cstdio>
#include <string>

#include <fcntl.h>

namespace {

std::string failing_path;
int error_of_rename = 0;

}  // namespace

/// Stands before the C library's.
extern "C" int rename(const char* from, const char* to) noexcept {
  if (error_of_rename != 0 && failing_path == from) {
    errno = error_of_rename;
    return -1;
  }
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

namespace nnrec::testing {

FailingRename::FailingRename(const std::filesystem::path& path, int error_number) {
  failing_path = path.string();
  error_of_rename = error_number;
}

FailingRename::~FailingRename() {
  error_of_rename = 0;
}

}  // namespace nnrec::testing
