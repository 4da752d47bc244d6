#pragma once

#include <filesystem>

namespace nnrec::io {

/// The path from the root, its links followed as far as it exists, and a last one that leads to
/// nothing yet too, without a separator at its end: two paths of one place are equal. A pipe or a
/// socket that has no path, as /dev/stdout may be, is as it is written. Throws IoError.
std::filesystem::path resolved_path(const std::filesystem::path& path);

}  // namespace nnrec::io
