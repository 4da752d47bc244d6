// u.genre: a name and its number a line.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, "ml-100k", "u.genre");
  return 0;
}
