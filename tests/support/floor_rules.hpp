#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nnrec::test {

/// The laws of the house that a reader of lines can check: includes go to a lower floor or the own
/// folder; libraries with walls (MPI, HDF5, ...) stay behind them; no file is too long.
/// `path` is relative to the source folder ("src/comm/launch.cpp"). Returns one line a violation.
std::vector<std::string> violations_in_text(const std::string& path, const std::string& text);

/// All violations below `source_folder`/{src,include,tests}, in path order.
std::vector<std::string> violations_in_tree(const std::filesystem::path& source_folder);

}  // namespace nnrec::test
