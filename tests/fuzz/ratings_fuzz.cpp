// A file of ratings of any format: recognising it, cutting lines, reading fields, numbering ids.
#include <cmath>

#include "nnrec/data/rating_ingest.hpp"
#include "nnrec/data/rating_source.hpp"

#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  data::SourceOptions options;
  options.inputs = {fuzz::write_input("ratings", fuzz::text_of(data, size))};
  fuzz::allow_refusal([&] {
    const data::RatingSource source(options);
    data::RepairLog repairs(false);
    const auto read = data::ingest(source.files(), {}, math::ThreadTeam(1), repairs);
    const auto& table = read.ratings.table;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      fuzz::require(table.user[row] < read.ratings.users.size() &&
                        table.item[row] < read.ratings.items.size(),
                    "indices are dense");
      fuzz::require(std::isfinite(table.rating[row]), "values are finite");
    }
  });
  return 0;
}
