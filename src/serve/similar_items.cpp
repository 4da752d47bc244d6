#include "nnrec/serve/similar_items.hpp"

#include <cmath>

#include "nnrec/base/error.hpp"
#include "nnrec/math/matrix.hpp"

namespace nnrec::serve {
namespace {

math::ConstMatrix title_table(const Model& model, const nn::ParameterSet& parameters) {
  const math::ConstMatrix table = widest_table(model, parameters, features::IdColumn::title);
  if (table.cols > 1) return table;
  throw InputError(
      "{} has no table of titles, so nothing tells which items are alike; give "
      "another --variant",
      model.variant);
}

/// all[i] += share * cosine( row of `item`, row of item i ).
void add_cosines(math::ConstMatrix table, const std::vector<std::uint32_t>& titles,
                 std::uint32_t item, float share, std::vector<float>& all) {
  const auto row_of = [&](std::size_t index) { return table.row(titles[index] + std::size_t{1}); };
  const float* own = row_of(item);
  const float own_square = math::dot(own, own, table.cols);
  for (std::size_t other = 0; other < all.size(); ++other) {
    const float* row = row_of(other);
    const float squares = own_square * math::dot(row, row, table.cols);
    if (squares > 0) all[other] += share * (math::dot(own, row, table.cols) / std::sqrt(squares));
  }
}

}  // namespace

std::vector<float> similarities(const Model& model, const TrainingFacts& facts,
                                std::uint32_t item) {
  const auto& catalogue = model.set.catalogue();
  if (!facts.items.has(item)) {
    throw InputError(
        "item {} has no training rating, so the model has learnt nothing of it; give "
        "one that was rated",
        catalogue.item_ids[item]);
  }
  std::vector<float> all(catalogue.item_ids.size(), 0.0F);
  const auto add = [&](const nn::ParameterSet& parameters, float share) {
    add_cosines(title_table(model, parameters), catalogue.item_titles, item, share, all);
  };
  if (model.samples.empty()) add(model.parameters, 1.0F);
  for (const Model::Sample& sample : model.samples)
    add(sample.parameters, 1.0F / static_cast<float>(model.samples.size()));
  return all;
}

}  // namespace nnrec::serve
