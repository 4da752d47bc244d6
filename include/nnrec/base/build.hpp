#pragma once

#include <string>

namespace nnrec {

/// How this program was built, in lines `name = value`: version, commit ("unknown" outside a
/// repository), sources (the first 16 digits of a SHA-256 over what is compiled), compiler, flags,
/// eigen; and libc, the C library it runs with.
std::string build_lines();

}  // namespace nnrec
