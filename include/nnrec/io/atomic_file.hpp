#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nnrec::io {

/// What becomes of a link in a file's place: it is replaced by the file, as in folders whose files
/// are a program's own, or what it leads to is, as people expect of a place that they name.
enum class Links { replaced, followed };

/// Throws what StagedFile would of the place itself, and makes nothing: UsageError for a path to a
/// file that this or another process has open, as /dev/stdout may be (it would be replaced beneath
/// its writer), IoError for a folder.
void require_place(const std::filesystem::path& path, Links links);

/// A file that appears under its final name at once and whole. It is written under a temporary name
/// in the same folder; without publish() the destructor removes it. What is no file, as a pipe or a
/// device, is written into as it is.
class StagedFile {
 public:
  /// Makes the temporary file, empty. Throws IoError, and as require_place.
  explicit StagedFile(std::filesystem::path final_path, Links links = Links::replaced);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  /// Where to write before publish().
  const std::filesystem::path& path() const noexcept { return is_file_ ? temporary_ : final_; }
  /// Flushes the file to the device and gives it its final name; what had it before is replaced.
  /// Throws IoError.
  void publish();

 private:
  std::filesystem::path final_;
  bool is_file_;
  std::filesystem::path temporary_;
};

/// Runs `write`, whose IoErrors then name what is wanted, and not the temporary place, be it a file
/// or the folder of one, that nobody finds afterwards.
void under_final_name(const std::filesystem::path& temporary,
                      const std::filesystem::path& final_path, const std::function<void()>& write);

/// Makes `path` whole or leaves it as it was: runs `write` with a temporary path in the same
/// folder, flushes that file to the device, renames it onto `path`, flushes the folder. When
/// `write` throws (or the machine refuses), the temporary file is removed and the error goes on to
/// the caller. Throws IoError naming `path` and the reason, and as StagedFile does.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& write,
                      Links links = Links::replaced);

/// The same for a file of this text.
void write_text_atomically(const std::filesystem::path& path, std::string_view text,
                           Links links = Links::replaced);

/// Whether something is there, at the end of all links. Throws IoError where that cannot be known:
/// what cannot be looked at is not missing.
bool is_there(const std::filesystem::path& path);

/// What such a file holds; empty where none is there. Throws InputError where something else (a
/// folder, a pipe) stands in its place, and IoError where it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// Whether a file of this name (without folder) is what a killed write_atomically leaves.
bool is_temporary_name(std::string_view name) noexcept;

/// Waits until the device has the file's (or folder's) content. Throws IoError.
void flush_to_device(const std::filesystem::path& path);

}  // namespace nnrec::io
