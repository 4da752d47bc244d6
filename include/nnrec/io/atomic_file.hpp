#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace nnrec::io {

/// Makes `path` whole or leaves it as it was: runs `write` with a temporary path in the same
/// folder, flushes that file to the device, renames it onto `path`, flushes the folder. When
/// `write` throws (or the machine refuses), the temporary file is removed and the error goes on to
/// the caller. Throws IoError naming `path` and the reason.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& write);

/// Whether a file of this name (without folder) is what a killed write_atomically leaves.
bool is_temporary_name(std::string_view name) noexcept;

/// Waits until the device has the file's (or folder's) content. Throws IoError.
void flush_to_device(const std::filesystem::path& path);

}  // namespace nnrec::io
