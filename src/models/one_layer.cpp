#include "nnrec/models/variants.hpp"

namespace nnrec::models {

/// concat( user[dim], title[dim] ) -> Dense 64 relu -> Dense 1
Network build_one_layer(const features::TableRows& rows, const VariantOptions& options) {
  Network net;
  const Value user =
      net.embedding("user", features::IdColumn::user, rows.users, options.embedding_dim);
  const Value title =
      net.embedding("title", features::IdColumn::title, rows.titles, options.embedding_dim);
  const Value both = net.concat({user, title});
  const Value hidden = net.dense("dense1", both, options.hidden_units, Activation::relu);
  net.rating(net.dense("dense2", hidden, 1, Activation::linear));
  return net;
}

}  // namespace nnrec::models
