#include "h5_handle.hpp"

namespace nnrec::io {
namespace {

/// HDF5 keeps process-wide state and is built without its own lock: this is that lock.
std::mutex& h5_mutex() {
  static std::mutex mutex;
  return mutex;
}

herr_t keep_description(unsigned depth, const H5E_error2_t* error, void* text) {
  // Walking downward from the API call, the last entry is the cause.
  static_cast<void>(depth);
  if (error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

}  // namespace

H5Lock::H5Lock() : guard_(h5_mutex()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string h5_reason() {
  std::string text = "no reason given";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &text);
  return text;
}

}  // namespace nnrec::io
