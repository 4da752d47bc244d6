#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

class Archive;
class Pipe;

/// Where files come from: a folder, one file with what lies beside it, an archive (zip, tar, also
/// compressed), or a pipe. A file that is itself compressed (gz, zst, xz, bz2) is unpacked on
/// reading. All are recognised by content, never by name. A file is named by its path within the
/// tree: "ml/u.data" in an archive; of a folder only the files that lie directly in it count.
class InputTree {
 public:
  /// "-" is the standard input. Throws InputError when `path` does not exist or is no archive
  /// inside.
  explicit InputTree(const std::filesystem::path& path);

  /// The file that was given; empty for a folder or an archive of several files.
  const std::string& given_file() const noexcept { return given_file_; }
  /// All files, sorted; for a single file: only that one. Without what some systems leave beside
  /// files in archives, and without hidden files.
  const std::vector<std::string>& paths() const noexcept { return paths_; }
  /// Whether the file is there, also beside a single one that was given.
  bool has(const std::string& path) const;
  /// The file called `name`: its path, or the end of just one path. Throws InputError naming the
  /// paths when several end so, and when none does.
  std::string find(const std::string& name) const;
  /// For messages: "folder/name", "archive.zip/ml/name".
  std::string label(const std::string& path) const;
  /// Throws InputError when it is missing.
  std::unique_ptr<ByteSource> open(const std::string& path) const;
  /// Where the file lies on disk; nothing within archives, in pipes and where it is compressed.
  std::filesystem::path plain_file(const std::string& path) const;

 private:
  enum class Kind { folder, archive, pipe };
  void list_folder();
  void list_archive();

  std::filesystem::path root_;
  Kind kind_ = Kind::folder;
  std::string given_file_;
  std::vector<std::string> paths_;
  std::shared_ptr<Pipe> pipe_;
  std::shared_ptr<const Archive> archive_;  ///< kind archive
};

/// The file called `name` in the folder of `path`.
std::string beside(const std::string& path, std::string_view name);

}  // namespace nnrec::io
