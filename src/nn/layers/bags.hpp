#pragma once

#include "nnrec/nn/layer.hpp"
#include "nnrec/nn/layers.hpp"

namespace nnrec::nn {

/// y(i, :) = scaled sum of x(j, :) over the members j of bag i, added in their order; an empty bag
/// gives 0.
void sum_of_bags(ConstMatrix x, const Bags& bags, BagScale scale_by, Matrix y);

/// dy(i, :) scaled as bag i's sum was: what each member of the bag receives.
void share_of_members(const Bags& bags, BagScale scale_by, Matrix dy);

/// dx(j, :) += dy(i, :) for each member j of bag i, bag after bag.
void add_to_members(const Bags& bags, ConstMatrix dy, Matrix dx);

}  // namespace nnrec::nn
