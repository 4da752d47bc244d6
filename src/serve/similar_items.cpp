#include "nnrec/serve/similar_items.hpp"

#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::serve {
namespace {

math::ConstMatrix title_table(const Model& model) {
  const math::ConstMatrix table = widest_table(model, features::IdColumn::title);
  if (table.cols > 1) return table;
  throw InputError(
      "{} has no table of titles, so nothing tells which items are alike; give "
      "another --variant",
      model.variant);
}

}  // namespace

std::vector<float> similarities(const Model& model, const TrainingFacts& facts,
                                std::uint32_t item) {
  const math::ConstMatrix table = title_table(model);
  const auto& catalogue = model.set.catalogue();
  if (!facts.items.has(item)) {
    throw InputError(
        "item {} has no training rating, so the model has learnt nothing of it; give "
        "one that was rated",
        catalogue.item_ids[item]);
  }
  const auto row_of = [&](std::size_t index) {
    return table.row(catalogue.item_titles[index] + std::size_t{1});
  };
  const float* own = row_of(item);
  const float own_square = math::dot(own, own, table.cols);
  std::vector<float> all;
  for (std::size_t other = 0; other < catalogue.item_ids.size(); ++other) {
    const float* row = row_of(other);
    const float squares = own_square * math::dot(row, row, table.cols);
    all.push_back(squares > 0 ? math::dot(own, row, table.cols) / std::sqrt(squares) : 0.0F);
  }
  return all;
}

}  // namespace nnrec::serve
