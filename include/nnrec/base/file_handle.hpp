#pragma once

#include <cstdio>
#include <memory>

namespace nnrec {

struct FileClose {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
/// The one owner of a C stream. Who writes flushes and checks before it ends.
using FileHandle = std::unique_ptr<std::FILE, FileClose>;

}  // namespace nnrec
