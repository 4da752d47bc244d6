#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nnrec::run {

/// What this process may still take of its host's memory.
struct HostMemory {
  std::uint64_t available = 0;  ///< bytes
  std::string bound;            ///< which of the host's accounts says so
};
/// The least of what /proc/meminfo calls available and of what the memory limits of the process's
/// control groups leave (versions 1 and 2; files that can be given back count as free). Nothing
/// where no account can be read. `root`: of the file system.
std::optional<HostMemory> available_memory(const std::filesystem::path& root = "/");

/// Where ranks of a node share memory.
inline constexpr const char* kSharedMemory = "/dev/shm";
/// Whether a node of so many ranks has room for `bytes` more that they share, as far as the system
/// tells.
bool has_node_memory(std::uint64_t bytes, int ranks);

/// Bytes of memory that this process takes, its share of what it shares with others included, so
/// that the sum over processes counts each page once. Nothing where the system does not tell.
std::optional<std::uint64_t> own_memory(const std::filesystem::path& root = "/");

}  // namespace nnrec::run
