#pragma once

#include <exception>
#include <new>
#include <string>
#include <system_error>

#include "nnrec/base/error.hpp"

namespace nnrec {

/// The exception in flight as an Error: foreign exceptions get the kind of who can mend them.
/// Requires: called inside a catch block.
inline Error current_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::io, "out of memory; use a smaller data set or batch");
  } catch (const std::system_error& error) {  // std::filesystem's too
    return Error(ErrorKind::io, std::string("the system refuses: ") + error.what());
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, std::string("internal error: ") + error.what());
  } catch (...) {
    return Error(ErrorKind::internal, "internal error: an exception of unknown type");
  }
}

}  // namespace nnrec
