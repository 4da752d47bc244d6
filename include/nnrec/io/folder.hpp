#pragma once

#include <filesystem>
#include <string_view>

namespace nnrec::io {

/// Makes the folder and those above it; returns whether it was missing. Throws IoError, whose
/// message begins with `what` (as in "--run ") and the path.
bool make_folder(const std::filesystem::path& path, std::string_view what = {});

}  // namespace nnrec::io
