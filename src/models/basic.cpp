#include "nnrec/models/variants.hpp"

#include "rating_fields.hpp"
#include "rating_sum.hpp"

namespace nnrec::models {

/// rating = dot( user[dim], title[dim] )
Network build_basic(const features::TableRows& rows, const VariantOptions& options) {
  if (!options.extras.empty()) return build_fields(rows, options, {});
  Network net;
  const Value user =
      net.embedding("user", features::IdColumn::user, rows.users, options.embedding_dim);
  const Value title =
      net.embedding("title", features::IdColumn::title, rows.titles, options.embedding_dim);
  rate(net, rows, options, {net.dot(user, title)});
  return net;
}

}  // namespace nnrec::models
