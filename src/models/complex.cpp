#include "nnrec/models/variants.hpp"

#include "hidden_layers.hpp"
#include "rating_fields.hpp"
#include "rating_sum.hpp"

namespace nnrec::models {

/// user[dim], title[dim], Dense 8 relu( age ), mean over genre slots of Dense 4 relu( genre[dim] )
/// concat -> Dense 64 relu -> Dropout -> Dense 16 relu -> Dense 1
/// A genre's transform is the same for every rating, so it is computed once a tile for each genre
/// and averaged over the slots, instead of once for each slot of each rating.
Network build_complex(const features::TableRows& rows, const VariantOptions& options) {
  if (!options.extras.empty()) return build_fields(rows, options, options.hidden_or({64, 16}));
  const std::size_t dim = options.embedding_dim;
  Network net;
  const Value user = net.embedding("user", features::IdColumn::user, rows.users, dim);
  const Value title = net.embedding("title", features::IdColumn::title, rows.titles, dim);
  const Value age = net.dense("age", net.scalar(features::ScalarColumn::age), options.age_units,
                              Activation::relu);
  const Value genre =
      net.dense("genre_dense", net.table("genre", features::BagColumn::genres, rows.genres, dim),
                options.genre_units, Activation::relu);
  const Value genres = net.bag_mean(genre, features::BagColumn::genres);
  rate(
      net, rows, options, {user, title},
      hidden_layers(net, {user, title, age, genres}, options.hidden_or({64, 16}), options.dropout));
  return net;
}

}  // namespace nnrec::models
