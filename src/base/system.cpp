#include "nnrec/base/system.hpp"

#include <array>
#include <system_error>

#include <unistd.h>

namespace nnrec {

std::string system_reason(int error_number) {
  return std::generic_category().message(error_number);
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.front() == '\0' ? "localhost" : name.data();
}

}  // namespace nnrec
