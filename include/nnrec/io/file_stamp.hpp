#pragma once

#include <cstdint>
#include <filesystem>

namespace nnrec::io {

/// What the file system says of a file's content without reading it: an equal stamp means that
/// nobody has written to the file, or put another in its place, in between. The time of the last
/// change of status is part of it, which no program can set back.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// Throws InputError naming the file when it is not there.
FileStamp stamp_of(const std::filesystem::path& path);

}  // namespace nnrec::io
