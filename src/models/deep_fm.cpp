#include "nnrec/models/variants.hpp"

#include "rating_fields.hpp"

namespace nnrec::models {

/// rating = training mean + biases + sum over pairs of fields of their dots
///        + concat( fields ) -> Dense 64 relu -> Dense 1
/// Fields: user, title and day with all that the set has of them.
/// Source: Guo, Tang, Ye, Li, He 2017, "DeepFM".
Network build_deep_fm(const features::TableRows& rows, const VariantOptions& options) {
  VariantOptions whole = options;
  whole.dot = true;
  return build_fields(rows, whole, whole.hidden_or({64}));
}

}  // namespace nnrec::models
