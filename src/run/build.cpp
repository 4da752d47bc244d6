#include "nnrec/run/build.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "nnrec/base/build.hpp"
#include "nnrec/io/h5_file.hpp"
#include "nnrec/run/option_lines.hpp"

namespace nnrec::run {
namespace {

/// A commit may change texts only (`sources` says what is compiled); HDF5 and MPI carry bits and
/// sum integers; of the C library training takes no function that libraries round differently.
constexpr std::array<std::string_view, 5> kWithoutBits{"version", "commit", "libc", "hdf5", "mpi"};

}  // namespace

std::string build_lines(const std::string& mpi) {
  const std::string mpi_line = mpi.empty() ? "" : fmt::format("mpi = {}\n", mpi);
  return fmt::format("{}hdf5 = {}\n{}", nnrec::build_lines(), io::hdf5_version(), mpi_line);
}

BuildDifferences build_differences(const std::string& now, const std::string& then) {
  BuildDifferences found;
  for (const std::string& line : differing_lines(now, then, "not known")) {
    const auto name = std::string_view(line).substr(0, line.find(' '));
    const bool has_no_bits = std::ranges::find(kWithoutBits, name) != kWithoutBits.end();
    (has_no_bits ? found.others : found.deciding).push_back("build: " + line);
  }
  return found;
}

}  // namespace nnrec::run
