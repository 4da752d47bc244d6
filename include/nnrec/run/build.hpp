#pragma once

#include <string>
#include <vector>

namespace nnrec::run {

/// nnrec::build_lines() and the libraries that the program runs with, hdf5 and, where one is given,
/// mpi (Communicator::library).
std::string build_lines(const std::string& mpi = {});

/// Where two builds differ, lines `build: name = value, was value`.
struct BuildDifferences {
  std::vector<std::string> deciding;  ///< may give other bits
  std::vector<std::string> others;    ///< no bit depends on: version, commit, libc, hdf5, mpi
};
BuildDifferences build_differences(const std::string& now, const std::string& then);

}  // namespace nnrec::run
