// history.csv of a run's folder.
#include <cmath>

#include "nnrec/run/history.hpp"

#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  fuzz::write_input("history.csv", fuzz::text_of(data, size));
  fuzz::allow_refusal([] {
    for (const auto& row : run::History(fuzz::folder().path()).read())
      fuzz::require(std::isfinite(row.train_rmse.value_or(0)) &&
                        std::isfinite(row.held_out_rmse().value_or(0)),
                    "errors are finite");
  });
  return 0;
}
