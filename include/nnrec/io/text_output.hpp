#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "nnrec/base/file_handle.hpp"
#include "nnrec/io/atomic_file.hpp"

namespace nnrec::io {

/// Where a program's answers go: a file, which is whole or absent, or the console ("-").
class TextOutput {
 public:
  /// `console` outlives the object. Throws IoError.
  TextOutput(const std::string& place, std::FILE* console);

  /// Throws IoError naming the place.
  void write(std::string_view text);
  /// Who reads the console has all that was written. Throws IoError.
  void flush();
  /// All is there on return; without this call a file is absent. Throws IoError.
  void close();

 private:
  [[noreturn]] void refuse() const;

  std::string name_;
  std::optional<StagedFile> staged_;
  FileHandle file_;
  std::FILE* stream_;
};

}  // namespace nnrec::io
