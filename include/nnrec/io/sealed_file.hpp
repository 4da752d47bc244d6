#pragma once

#include <filesystem>
#include <string>

namespace nnrec::io {

/// A sealed file ends in one text line that holds the SHA-256 of all bytes before it, or the
/// SHA-256 of the digests (32 bytes each) of blocks of 4 MiB of them, the last shorter, which
/// several threads make and check side by side (sealed_write.hpp makes it):
///     sealed  = content seal
///     seal    = ("nnrec-seal-1 sha256 " | "nnrec-seal-2 sha256 ") 64*hexdigit "\n"
/// HDF5 ignores bytes behind the end that its superblock states, so a sealed HDF5 file is plain
/// HDF5 for every reader, while one flipped or missing byte anywhere is refused before HDF5 sees
/// it.

/// Appends a seal of all bytes in their order. Returns the digest. Throws IoError.
std::string append_seal(const std::filesystem::path& path);

/// Reads the whole file and checks its seal. Returns the digest.
/// Throws InputError that names the file: missing, empty, no seal (foreign or truncated), digest
/// differs. IoError where reading fails, which is no damage.
std::string check_seal(const std::filesystem::path& path);

/// The digest that the file's seal states, right or wrong; empty where it has no seal. Throws
/// InputError where the file is missing, IoError where reading fails.
std::string stated_digest(const std::filesystem::path& path);

/// Whether the file ends in a seal line, be it right or wrong: "nnrec once wrote this file".
bool has_seal(const std::filesystem::path& path);

}  // namespace nnrec::io
