#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>

namespace nnrec::testing {

/// Bytes that this process has read from files so far, whether from a device or from the system's
/// memory: a function of what it does, not of the machine.
inline std::uint64_t bytes_read() {
  std::ifstream file("/proc/self/io");
  std::string name;
  std::uint64_t bytes = 0;
  while (file >> name >> bytes)
    if (name == "rchar:") return bytes;
  throw std::runtime_error("/proc/self/io has no rchar");
}

}  // namespace nnrec::testing
