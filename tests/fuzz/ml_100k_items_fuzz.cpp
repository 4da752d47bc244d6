// u.item: '|' between fields, Latin-1 or UTF-8, genre flags.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_ml_100k_catalogue("u.item", nnrec::fuzz::text_of(data, size));
  return 0;
}
