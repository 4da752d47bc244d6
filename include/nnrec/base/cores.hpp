#pragma once

#include <vector>

namespace nnrec {

/// Cores of a host are numbered below this: more than a cpu_set_t of fixed size holds.
inline constexpr int kMostCores = 8192;

/// The cores on which the calling thread may run, ascending; none where the system does not say.
std::vector<int> allowed_cores();

/// Lets the calling thread, and the threads and programs that it starts from now on, run on these
/// cores alone. Without any, and where the system refuses, nothing changes.
void allow_cores(const std::vector<int>& cores);

}  // namespace nnrec
