#include "nnrec/models/variants.hpp"

#include "hidden_layers.hpp"
#include "rating_fields.hpp"
#include "rating_sum.hpp"

namespace nnrec::models {

/// concat( user[dim], title[dim] ) -> Dense 64 relu -> Dense 1
Network build_one_layer(const features::TableRows& rows, const VariantOptions& options) {
  if (!options.extras.empty()) return build_fields(rows, options, options.hidden_or({64}));
  Network net;
  const Value user =
      net.embedding("user", features::IdColumn::user, rows.users, options.embedding_dim);
  const Value title =
      net.embedding("title", features::IdColumn::title, rows.titles, options.embedding_dim);
  rate(net, rows, options, {user, title},
       hidden_layers(net, {user, title}, options.hidden_or({64}), options.dropout));
  return net;
}

}  // namespace nnrec::models
