#pragma once

#include <cerrno>
#include <string>

namespace nnrec {

/// What the system says of an error number, by default that of the call before. Read it at once:
/// the next call may change errno.
std::string system_reason(int error_number = errno);

/// This machine's name, or "localhost" where it has none.
std::string host_name();

}  // namespace nnrec
