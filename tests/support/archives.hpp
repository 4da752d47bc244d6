#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace nnrec::testing {

enum class Packed { zip, tar, tar_gz, gz, zst };

/// Writes an archive of (path, text); gz and zst have one file and no path. Throws when it cannot.
void write_archive(const std::filesystem::path& path, Packed packed,
                   const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace nnrec::testing
