// u.item: '|' between fields, Latin-1 or UTF-8, genre flags.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, "ml-100k", "u.item");
  return 0;
}
