// movies.csv: RFC 4180, line ends within quotes.
#include "catalogue.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  nnrec::fuzz::read_catalogue(data, size, nnrec::import::parse_csv_movies);
  return 0;
}
