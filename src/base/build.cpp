#include "nnrec/base/build.hpp"

#include <fmt/format.h>
#include <gnu/libc-version.h>

#include "build_facts.hpp"

namespace nnrec {

std::string build_lines() {
  return fmt::format(
      "version = {}\ncommit = {}\nsources = {}\ncompiler = {}\nflags = {}\neigen = {}\nlibc = {}\n",
      NNREC_BUILD_VERSION, NNREC_BUILD_COMMIT, NNREC_BUILD_SOURCES, NNREC_BUILD_COMPILER,
      NNREC_BUILD_FLAGS, NNREC_BUILD_EIGEN, gnu_get_libc_version());
}

}  // namespace nnrec
