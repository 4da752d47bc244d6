#pragma once

#include <filesystem>

namespace nnrec::testing {

/// While it lives, renaming this path fails with this error number, as of a device that errs. One
/// at a time.
class FailingRename {
 public:
  FailingRename(const std::filesystem::path& path, int error_number);
  ~FailingRename();
  FailingRename(const FailingRename&) = delete;
  FailingRename& operator=(const FailingRename&) = delete;
};

}  // namespace nnrec::testing
