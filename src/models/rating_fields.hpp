#pragma once

#include <vector>

#include "nnrec/models/variants.hpp"

namespace nnrec::models {

/// The variants' network with options.extras: a rating has the fields
///   user  = user row + rows of age, gender, occupation, zip
///   title = title row + year row + genres, words (sums over the bag / sqrt(its size))
///   day   = day row
/// rating = hidden layers of their concatenation, where there are any
///        + sum over pairs of fields of their dots, with options.dot or without hidden layers
///        + training mean + a bias of every row above, and of the sessions, whatever
///        options.biases.
/// `hidden`: units of each hidden layer; empty: none.
Network build_fields(const features::TableRows& rows, const VariantOptions& options,
                     const std::vector<std::size_t>& hidden);

}  // namespace nnrec::models
