// A checkpoint behind a right seal: its numbers, and a model that it does or does not fit.
#include <algorithm>
#include <string>
#include <vector>

#include "nnrec/train/checkpoint.hpp"

#include "edited_h5.hpp"

namespace nnrec {
namespace {

/// Two blocks; the first has `rows` rows.
nn::ParameterLayout layout_of(std::size_t rows) {
  nn::ParameterLayout layout;
  layout.add("user", rows, 3, nn::BlockKind::table, nn::InitialValues::embedding);
  layout.add("dense.weight", 3, 1, nn::BlockKind::dense, nn::InitialValues::glorot_uniform);
  return layout;
}

/// One slot an element, and one a row.
nn::UpdateRules rules_of(std::size_t rows) {
  return {layout_of(rows), {"adagrad", 0.1, {"user:optimizer=rowwise_adagrad"}}};
}

/// `flip`: other values of every number, as many bytes.
void write_checkpoint(const std::filesystem::path& path, bool flip) {
  auto state = train::initial_state(layout_of(2), rules_of(2), flip ? ~0ULL : 0);
  state.epoch = state.position = state.step = state.seed;
  state.best_step = state.seed;
  state.epoch_squared_error += flip ? -1 : 0;
  state.best_rmse = flip ? -1.5 : 0;
  if (flip)
    for (auto* set : {&state.parameters, &state.optimizer_state})
      for (std::size_t block = 0; block < 2; ++block)
        for (auto& value : set->values(block)) value = -7 * value - 1;
  const std::vector<std::string> names{flip ? "b" : "a"};
  train::save_checkpoint(path, state, {"basic", std::string(64, 'a'), "epochs = 3\n", "", {}},
                         {names, names, names, names, 0, flip ? -1 : 1});
}

}  // namespace
}  // namespace nnrec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nnrec;
  static const auto image = fuzz::make_image(write_checkpoint);
  fuzz::Numbers input(std::span(data, size));
  const std::size_t rows = 2 + input.next<std::uint8_t>() % 3;
  const auto path = fuzz::write_input("checkpoint.h5", fuzz::edit(image, input));
  bool refused = true;
  fuzz::allow_refusal([&] {
    fuzz::require(train::read_checkpoint_head(path).info.variant == "basic",
                  "texts are as they were written");
    train::read_row_names(path);
    const auto state = train::load_checkpoint(path, layout_of(rows), rules_of(rows));
    fuzz::require(rows == 2, "a checkpoint of another model is refused");
    fuzz::require(state.parameters.digest() ==
                      train::initial_state(layout_of(2), rules_of(2), 0).parameters.digest(),
                  "parameters are those of the model digest");
    refused = false;
  });
  fuzz::require(size > 0 || !refused, "the checkpoint without edits is accepted");
  return 0;
}
