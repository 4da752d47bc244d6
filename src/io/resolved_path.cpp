#include "nnrec/io/resolved_path.hpp"

#include <system_error>

#include "nnrec/base/error.hpp"

namespace nnrec::io {

std::filesystem::path resolved_path(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code status;
  const auto whole = fs::weakly_canonical(fs::absolute(path, status), status);
  if (status) throw IoError("{}: cannot be found: {}", path.string(), status.message());
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace nnrec::io
