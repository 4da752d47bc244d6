#pragma once

#include <filesystem>

namespace nnrec::testing {

/// While it lives, pread of this file fails with this error number, as of a device that errs or a
/// network disk that has lost it. One at a time.
class FailingReads {
 public:
  FailingReads(const std::filesystem::path& path, int error_number);
  ~FailingReads();
  FailingReads(const FailingReads&) = delete;
  FailingReads& operator=(const FailingReads&) = delete;
};

}  // namespace nnrec::testing
