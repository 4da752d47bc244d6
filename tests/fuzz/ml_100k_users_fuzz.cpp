// u.user: '|' between fields.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, nnrec::import::parse_100k_users);
  return 0;
}
