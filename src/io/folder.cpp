#include "nnrec/io/folder.hpp"

#include "nnrec/base/error.hpp"

namespace nnrec::io {

bool make_folder(const std::filesystem::path& path, std::string_view what) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(path, error);
  if (error) throw IoError("{}{}: cannot be made: {}", what, path.string(), error.message());
  return is_new;
}

}  // namespace nnrec::io
