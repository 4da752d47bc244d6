#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nnrec/base/sha256.hpp"

namespace nnrec::io {

/// Bytes in memory and their place in a file.
struct Extent {
  std::uint64_t first = 0;
  std::span<const std::byte> bytes;
};

/// Writes the bulk of a large file on threads of its own while the caller makes the rest of it, and
/// seals the file by blocks (sealed_file.hpp): a block is hashed when it is written, so that
/// nothing is read again but blocks that hold other bytes too. Whole blocks go to the device past
/// the system's cache, where it takes them so: no second copy is made there, and what others read
/// stays in it. The file's bytes do not depend on threads.
class SealedWrite {
 public:
  /// Begins. The file is there; extents do not overlap, and their bytes stay as they are until
  /// finish() or the end of this. Nobody else writes to their places.
  SealedWrite(std::filesystem::path path, std::vector<Extent> extents);
  /// Waits.
  ~SealedWrite();
  SealedWrite(const SealedWrite&) = delete;
  SealedWrite& operator=(const SealedWrite&) = delete;

  /// Waits, and appends the seal; returns its digest. Requires: all other bytes are in the file.
  /// Throws IoError.
  std::string finish();

 private:
  class File;
  void write_all();
  std::vector<Extent> parts_of(std::uint64_t begin, std::uint64_t end) const;

  std::filesystem::path path_;
  std::vector<Extent> extents_;                       ///< in the order of the file
  std::vector<std::optional<Sha256Digest>> digests_;  ///< of blocks that have only their bytes
  std::future<void> written_;
};

}  // namespace nnrec::io
