// u.data, through the reader and the numbering behind it.
#include <cmath>

#include "nnrec/data/rating_table.hpp"

#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  const auto path = fuzz::write_input("u.data", fuzz::text_of(data, size));
  fuzz::allow_refusal([&] {
    const auto reader = data::open_reader({path, "ml-100k", {}});
    const auto ratings = data::number_ratings(*reader, {});
    fuzz::require(ratings.rows_read > 0, "a file without ratings is refused");
    for (std::size_t row = 0; row < ratings.table.rows(); ++row) {
      fuzz::require(ratings.table.user[row] < ratings.users.size() &&
                        ratings.table.item[row] < ratings.items.size(),
                    "indices are dense");
      fuzz::require(std::isfinite(ratings.table.rating[row]), "values are finite");
    }
  });
  return 0;
}
