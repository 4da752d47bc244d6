#include "h5_handle.hpp"

#include "nnrec/io/h5_file.hpp"

namespace nnrec::io {
namespace {

/// HDF5 keeps process-wide state and is built without its own lock: this is that lock.
std::mutex& h5_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// After a write that the device refused, HDF5 keeps the file and writes it again when the process
/// ends, and crashes there. All handles have owners, so its work at the end is not needed.
/// Takes effect only before HDF5's first call, hence before anything else under the lock.
void leave_exit_alone() {
  static const herr_t done = H5dont_atexit();
  static_cast<void>(done);
}

/// Of the low-level drivers' descriptions only the system's message is for a person.
std::string system_message(const std::string& text) {
  const std::string mark = "error message = '";
  const auto start = text.find(mark);
  if (start == std::string::npos) return text;
  const auto end = text.find('\'', start + mark.size());
  return text.substr(start + mark.size(), end - start - mark.size());
}

herr_t keep_description(unsigned depth, const H5E_error2_t* error, void* text) {
  // Walking downward from the API call, the last entry is the cause.
  static_cast<void>(depth);
  if (error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

}  // namespace

H5Lock::H5Lock() : guard_(h5_mutex()) {
  leave_exit_alone();
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string hdf5_version() {
  const H5Lock lock;
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  if (H5get_libversion(&major, &minor, &release) < 0) return "unknown";
  return fmt::format("{}.{}.{}", major, minor, release);
}

std::string h5_reason() {
  std::string text = "no reason given";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &text);
  return system_message(text);
}

}  // namespace nnrec::io
