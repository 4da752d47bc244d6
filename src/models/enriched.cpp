#include "nnrec/models/variants.hpp"

namespace nnrec::models {

/// user side : user[dim], timestamp_bucket[dim], normalised_timestamp[1]
/// movie side: title[dim], mean over title words[dim]
/// concat -> Dense 64 relu -> Dense 1
Network build_enriched(const data::TableRows& rows, const VariantOptions& options) {
  const std::size_t dim = options.embedding_dim;
  Network net;
  const Value user = net.embedding("user", data::IdColumn::user, rows.users, dim);
  const Value bucket = net.embedding("timestamp_bucket", data::IdColumn::timestamp_bucket,
                                     rows.timestamp_buckets, dim);
  const Value time = net.scalar(data::ScalarColumn::normalised_timestamp);
  const Value title = net.embedding("title", data::IdColumn::title, rows.titles, dim);
  const Value words = net.bag_embedding("word", data::BagColumn::title_words, rows.words, dim);
  const Value all = net.concat({user, bucket, time, title, words});
  const Value hidden = net.dense("dense1", all, options.hidden_units, Activation::relu);
  net.rating(net.dense("dense2", hidden, 1, Activation::linear));
  return net;
}

}  // namespace nnrec::models
