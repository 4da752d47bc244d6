#include "nnrec/models/variants.hpp"

#include "hidden_layers.hpp"
#include "rating_fields.hpp"
#include "rating_sum.hpp"

namespace nnrec::models {

/// user side : user[dim], timestamp_bucket[dim], normalised_timestamp[1]
/// movie side: title[dim], mean over title words[dim]
/// concat -> Dense 64 relu -> Dense 1
Network build_enriched(const features::TableRows& rows, const VariantOptions& options) {
  if (!options.extras.empty()) return build_fields(rows, options, options.hidden_or({64}));
  const std::size_t dim = options.embedding_dim;
  Network net;
  const Value user = net.embedding("user", features::IdColumn::user, rows.users, dim);
  const Value bucket = net.embedding("timestamp_bucket", features::IdColumn::timestamp_bucket,
                                     rows.timestamp_buckets, dim);
  const Value time = net.scalar(features::ScalarColumn::normalised_timestamp);
  const Value title = net.embedding("title", features::IdColumn::title, rows.titles, dim);
  const Value words = net.bag_embedding("word", features::BagColumn::title_words, rows.words, dim);
  rate(net, rows, options, {user, title},
       hidden_layers(net, {user, bucket, time, title, words}, options.hidden_or({64}),
                     options.dropout));
  return net;
}

}  // namespace nnrec::models
