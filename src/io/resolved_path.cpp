#include "nnrec/io/resolved_path.hpp"

#include <system_error>

#include "nnrec/base/error.hpp"

namespace nnrec::io {

std::filesystem::path resolved_path(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code status;
  auto whole = fs::weakly_canonical(fs::absolute(path, status), status);
  // One that leads to nothing yet is where what is made there will lie.
  for (std::error_code none; !status && fs::is_symlink(whole, none);)
    whole = fs::weakly_canonical(whole.parent_path() / fs::read_symlink(whole, none), status);
  // A link of /proc/self/fd to a pipe or a socket leads to no path.
  if (std::error_code none; status && fs::is_other(path, none))
    return fs::absolute(path).lexically_normal();
  if (status) throw IoError("{}: cannot be found: {}", path.string(), status.message());
  return whole.has_filename() ? whole : whole.parent_path();
}

}  // namespace nnrec::io
