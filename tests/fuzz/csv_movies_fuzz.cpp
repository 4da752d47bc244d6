// movies.csv: RFC 4180, line ends within quotes.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, "ml-csv", "movies.csv");
  return 0;
}
