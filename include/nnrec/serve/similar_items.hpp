#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/serve/model.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

/// How alike an item is to each other one: the cosine of the rows that the model has learnt for
/// their titles, of a model with samples the mean of theirs; 0 for a row of zeros. Throws
/// InputError where the model has no such table or training no rating of the item.
std::vector<float> similarities(const Model& model, const TrainingFacts& facts, std::uint32_t item);

}  // namespace nnrec::serve
