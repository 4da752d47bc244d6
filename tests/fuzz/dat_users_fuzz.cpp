// users.dat of MovieLens 1M: '::' between fields.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, nnrec::import::parse_dat_users);
  return 0;
}
