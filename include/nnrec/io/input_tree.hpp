#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// Where files come from: a folder, one file with what lies beside it, or an archive (zip, tar,
/// also compressed). A file that is itself compressed (gz, zst, xz, bz2) is unpacked on reading.
/// Both are recognised by content, never by name. Folders inside an archive are no part of names.
class InputTree {
 public:
  /// Throws InputError when `path` does not exist or is no archive inside.
  explicit InputTree(const std::filesystem::path& path);

  /// The name of the file that was given; empty for a folder or an archive of several files.
  const std::string& given_file() const noexcept { return given_file_; }
  bool has(const std::string& name) const;
  /// All files, by name. For a single file: only that one.
  std::vector<std::string> names() const;
  /// For messages: "folder/name", "archive.zip/name".
  std::string label(const std::string& name) const;
  /// Size on disk; 0 when not known (inside an archive).
  std::uint64_t bytes(const std::string& name) const;
  /// Throws InputError when it is missing.
  std::unique_ptr<ByteSource> open(const std::string& name) const;

 private:
  std::filesystem::path root_;
  std::string given_file_;
  std::vector<std::string> members_;  ///< paths within the archive; empty: a folder
  std::string member_of(const std::string& name) const;
};

}  // namespace nnrec::io
