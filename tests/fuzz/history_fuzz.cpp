// history.csv of a run's folder.
#include <cmath>

#include "nnrec/run/history.hpp"

#include "support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  fuzz::write_input("history.csv", fuzz::text_of(data, size));
  fuzz::allow_refusal([] {
    const auto rows = run::read_history(fuzz::folder().path());
    fuzz::require(!rows.empty(), "a history without rows is refused");
    for (const auto& row : rows)
      fuzz::require(std::isfinite(row.train_rmse) && std::isfinite(row.val_rmse),
                    "errors are finite");
  });
  return 0;
}
