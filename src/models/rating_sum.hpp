#pragma once

#include <vector>

#include "nnrec/models/variants.hpp"

namespace nnrec::models {

/// The two vectors that every variant has.
struct Pair {
  Value user;
  Value title;
};

/// Ends the building of a variant with hidden layers: their rating `hidden`, with options.dot +
/// dot( user, title ), with options.biases + training mean + user bias + title bias.
void rate(Network& net, const features::TableRows& rows, const VariantOptions& options,
          const Pair& pair, Value hidden);
/// The same where `parts` are all but the biases.
void rate(Network& net, const features::TableRows& rows, const VariantOptions& options,
          std::vector<Value> parts);

}  // namespace nnrec::models
