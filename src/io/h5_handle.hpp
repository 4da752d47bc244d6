#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include <hdf5.h>

#include "nnrec/base/error.hpp"

namespace nnrec::io {

/// Holds the one lock over HDF5 and keeps HDF5 from printing its errors (they go into ours).
class H5Lock {
 public:
  H5Lock();

 private:
  std::lock_guard<std::mutex> guard_;
};

/// The one owner of an HDF5 identifier. Requires: used and destroyed under H5Lock.
class H5Handle {
 public:
  using Closer = herr_t (*)(hid_t);
  H5Handle() = default;
  H5Handle(hid_t id, Closer closer) noexcept : id_(id), closer_(closer) {}
  H5Handle(H5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), closer_(other.closer_) {}
  H5Handle& operator=(H5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~H5Handle() { close(); }

  hid_t id() const noexcept { return id_; }
  bool is_open() const noexcept { return id_ >= 0; }
  /// Negative when HDF5 refused (for a file that was written: data may be missing).
  herr_t close() noexcept { return id_ < 0 ? 0 : closer_(std::exchange(id_, -1)); }

 private:
  hid_t id_ = -1;
  Closer closer_ = nullptr;
};

/// HDF5 has room for 64 KiB in an attribute, its name and head among them.
inline constexpr std::size_t kMostAttributeBytes = 60'000;
/// The data set that has the bytes of a longer text.
inline std::string long_text_name(const std::string& attribute) {
  return "long_texts/" + attribute;
}

/// HDF5's own innermost description of the last failure.
std::string h5_reason();

/// The one check of HDF5's results: negative means failure. Failure: IoError or InputError.
template <typename Failure, typename Result>
Result h5_check(Result result, const std::string& place, const char* action) {
  if (result < 0) throw Failure("{}: cannot {}: {}", place, action, h5_reason());
  return result;
}
template <typename Failure>
H5Handle h5_own(hid_t id, H5Handle::Closer closer, const std::string& place, const char* action) {
  return H5Handle(h5_check<Failure>(id, place, action), closer);
}

/// Element type in the file (little-endian) and in memory.
template <typename T>
struct H5Type;
template <>
struct H5Type<float> {
  static hid_t file() { return H5T_IEEE_F32LE; }
  static hid_t memory() { return H5T_NATIVE_FLOAT; }
};
template <>
struct H5Type<double> {
  static hid_t file() { return H5T_IEEE_F64LE; }
  static hid_t memory() { return H5T_NATIVE_DOUBLE; }
};
template <>
struct H5Type<std::int64_t> {
  static hid_t file() { return H5T_STD_I64LE; }
  static hid_t memory() { return H5T_NATIVE_INT64; }
};
template <>
struct H5Type<std::uint64_t> {
  static hid_t file() { return H5T_STD_U64LE; }
  static hid_t memory() { return H5T_NATIVE_UINT64; }
};
template <>
struct H5Type<std::uint32_t> {
  static hid_t file() { return H5T_STD_U32LE; }
  static hid_t memory() { return H5T_NATIVE_UINT32; }
};
template <>
struct H5Type<std::uint8_t> {
  static hid_t file() { return H5T_STD_U8LE; }
  static hid_t memory() { return H5T_NATIVE_UINT8; }
};

/// The filters of a column of whole numbers: scale-offset, shuffle, deflate. A chunk goes through
/// the first alone or the others alone; these bits of it name those that it left out.
constexpr std::uint32_t kOnlyScaled = 0b110;
constexpr std::uint32_t kOnlyDeflated = 0b001;

/// Calls macro(T) for each element type.
#define NNREC_FOR_H5_TYPES(macro)                                                          \
  macro(float) macro(double) macro(std::int64_t) macro(std::uint64_t) macro(std::uint32_t) \
      macro(std::uint8_t)

/// Text in cells of `length` bytes: UTF-8, ended and filled up by zero bytes.
template <typename Failure>
H5Handle h5_string_type(std::size_t length, const std::string& place) {
  auto type = h5_own<Failure>(H5Tcopy(H5T_C_S1), H5Tclose, place, "make a string type");
  h5_check<Failure>(H5Tset_size(type.id(), length), place, "set a string length");
  h5_check<Failure>(H5Tset_cset(type.id(), H5T_CSET_UTF8), place, "set the character set");
  h5_check<Failure>(H5Tset_strpad(type.id(), H5T_STR_NULLTERM), place, "set the string padding");
  return type;
}

/// Access properties for every file.
template <typename Failure>
H5Handle h5_access(const std::string& place) {
  auto access = h5_own<Failure>(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, place, "set up access");
  h5_check<Failure>(H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST),
                    place, "set the format version");
#if H5_VERSION_GE(1, 10, 7)
  // Files are whole before they have their name: HDF5's locks, which some cluster file systems
  // refuse, have nothing to protect.
  h5_check<Failure>(H5Pset_file_locking(access.id(), 0, 1), place, "switch off locking");
#endif
  return access;
}

}  // namespace nnrec::io
