// movies.dat: '::' between fields, which titles may hold too.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, "ml-1m", "movies.dat");
  return 0;
}
