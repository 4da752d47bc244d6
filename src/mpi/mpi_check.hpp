#pragma once

#include <string>

#include <mpi.h>

#include "nnrec/base/error.hpp"

namespace nnrec::mpi {

/// The one place where MPI's return codes are read. `operation` is the name of the call.
/// Throws PeerError when ranks brought different lengths, else IoError, with MPI's text.
inline void check(int code, const char* operation) {
  if (code == MPI_SUCCESS) return;
  std::string text(MPI_MAX_ERROR_STRING, '\0');
  int length = 0;
  if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS) length = 0;
  text.resize(static_cast<std::size_t>(length));
  int kind = MPI_ERR_OTHER;
  MPI_Error_class(code, &kind);
  if (kind == MPI_ERR_TRUNCATE)
    throw PeerError("{}: {} (ranks brought different lengths)", operation, text);
  throw IoError("{}: {} (code {})", operation, text, code);
}

}  // namespace nnrec::mpi
