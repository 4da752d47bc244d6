#include "nnrec/serve/model.hpp"

#include <variant>

namespace nnrec::serve {

math::ConstMatrix widest_table(const Model& model, const nn::ParameterSet& parameters,
                               features::IdColumn column) {
  math::ConstMatrix widest;
  for (const models::TableUse& use : model.network.tables()) {
    const auto* looked_up_by = std::get_if<features::IdColumn>(&use.column);
    if (looked_up_by == nullptr || *looked_up_by != column) continue;
    const math::ConstMatrix table = parameters.matrix(use.block);
    if (table.cols > widest.cols) widest = table;
  }
  return widest;
}

}  // namespace nnrec::serve
