#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/base/sha256.hpp"

namespace nnrec::io {

/// Of a seal by blocks; the last may be shorter.
inline constexpr std::size_t kSealBlockBytes = std::size_t{1} << 22;

constexpr std::size_t seal_blocks(std::uint64_t bytes) {
  return static_cast<std::size_t>((bytes + kSealBlockBytes - 1) / kSealBlockBytes);
}

/// Appends a seal by blocks, for which those are read whose digest is not `known`; what it leaves
/// out at its end is not. Returns the seal's digest. Throws IoError.
std::string append_block_seal(const std::filesystem::path& path,
                              std::vector<std::optional<Sha256Digest>> known);

}  // namespace nnrec::io
