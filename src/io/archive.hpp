#pragma once

#include <filesystem>
#include <memory>
#include <string>
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

/// The paths of the files in an archive; a compressed file that holds no archive has one, "".
std::vector<std::string> list_members(const std::filesystem::path& path);

/// Throws InputError when the archive has no such member or is damaged.
std::unique_ptr<ByteSource> open_member(const std::filesystem::path& path,
                                        const std::string& member);

/// What a compressed file holds, read in order as it comes. Throws InputError when it is damaged or
/// an archive: of that the members are not known before its end. `label` names it.
std::unique_ptr<ByteSource> unpack_stream(std::unique_ptr<ByteSource> packed,
                                          const std::string& label);

}  // namespace nnrec::io
