#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "nnrec/io/byte_source.hpp"

namespace nnrec::io {

/// The only door to libarchive.

/// What the first bytes of a file say.
enum class Packing {
  none,
  stream,  ///< one compressed file; maybe a tar inside
  archive
};
Packing recognise_packing(std::string_view head) noexcept;

/// A file that holds files (zip, tar, also compressed), or one that is itself compressed. Opening
/// every member costs one pass over it where members are opened in their order; in any order where
/// it is a tar that is not compressed, two passes where it is a zip, and four where it is a
/// compressed tar that $TMPDIR has room for unpacked.
class Archive {
 public:
  /// Lists the members. Throws InputError when it cannot be unpacked.
  explicit Archive(const std::filesystem::path& path);
  ~Archive();
  Archive(Archive&&) noexcept;

  /// The paths of the files, in the archive's order; of a compressed file that holds no archive
  /// one, "".
  const std::vector<std::string>& members() const noexcept { return members_; }
  /// Of several files of one path the first. Throws InputError when there is none, or on damage.
  std::unique_ptr<ByteSource> open(const std::string& member) const;
  /// How many members were passed since the archive was opened: what opening has cost.
  std::uint64_t members_passed() const noexcept;

 private:
  class Parking;
  void make_jumpable() const;
  void find_zip_offsets() const;
  void unpack_tar() const;
  std::filesystem::path path_;
  std::vector<std::string> members_;
  std::unordered_map<std::string, std::size_t> places_;  ///< by path, in members_
  bool is_zip_ = false;
  std::shared_ptr<Parking> parking_;
};

/// What a compressed file holds, read in order as it comes. Throws InputError when it is damaged or
/// an archive: of that the members are not known before its end. `label` names it.
std::unique_ptr<ByteSource> unpack_stream(std::unique_ptr<ByteSource> packed,
                                          const std::string& label);

}  // namespace nnrec::io
