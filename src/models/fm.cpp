#include "nnrec/models/variants.hpp"

#include "rating_fields.hpp"

namespace nnrec::models {

/// rating = bias + user bias + title bias + sum over pairs of fields of their dot products;
/// fields: user[dim], title[dim], mean over title words[dim]. Biases start at 0.
/// Source: Rendle 2010, "Factorization machines".
Network build_fm(const features::TableRows& rows, const VariantOptions& options) {
  if (!options.extras.empty()) return build_fields(rows, options, {});
  using features::BagColumn;
  using features::IdColumn;
  const std::size_t dim = options.embedding_dim;
  Network net;
  const Value user = net.embedding("user", IdColumn::user, rows.users, dim);
  const Value title = net.embedding("title", IdColumn::title, rows.titles, dim);
  const Value words = net.bag_embedding("word", BagColumn::title_words, rows.words, dim);
  const Value user_bias =
      net.embedding("user_bias", IdColumn::user, rows.users, 1, InitialValues::zero);
  const Value title_bias =
      net.embedding("title_bias", IdColumn::title, rows.titles, 1, InitialValues::zero);
  const Value pairs = net.interaction({user, title, words});
  net.rating(net.bias("bias", net.add({user_bias, title_bias, pairs})),
             options.biases ? options.training_mean : 0.0F, options.levels);
  return net;
}

}  // namespace nnrec::models
