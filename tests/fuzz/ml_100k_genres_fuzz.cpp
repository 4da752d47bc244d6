// u.genre: a name and its number a line.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_ml_100k_catalogue("u.genre", nnrec::fuzz::text_of(data, size));
  return 0;
}
