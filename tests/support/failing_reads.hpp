#pragma once

#include <filesystem>
#include <functional>

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

/// While it lives, runs `work` when this file is read by pread for the first time, before it is.
/// One at a time.
class WorkAtRead {
 public:
  WorkAtRead(const std::filesystem::path& path, std::function<void()> work);
  ~WorkAtRead();
  WorkAtRead(const WorkAtRead&) = delete;
  WorkAtRead& operator=(const WorkAtRead&) = delete;
};

}  // namespace nnrec::testing
