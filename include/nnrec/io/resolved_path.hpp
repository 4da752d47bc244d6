#pragma once

#include <filesystem>

namespace nnrec::io {

/// The path from the root, its links followed as far as it exists, and a last one that leads to
/// nothing yet too, without a separator at its end: two paths of one place are equal. Throws
/// IoError.
std::filesystem::path resolved_path(const std::filesystem::path& path);

}  // namespace nnrec::io
