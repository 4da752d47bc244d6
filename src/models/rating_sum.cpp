#include "rating_sum.hpp"

namespace nnrec::models {

void rate(Network& net, const features::TableRows& rows, const VariantOptions& options,
          std::vector<Value> parts) {
  if (options.biases) {
    const auto bias = [&](const char* name, features::IdColumn column, std::size_t table_rows) {
      parts.push_back(net.embedding(name, column, table_rows, 1, InitialValues::zero));
    };
    bias("user_bias", features::IdColumn::user, rows.users);
    bias("title_bias", features::IdColumn::title, rows.titles);
  }
  const Value sum = parts.size() == 1 ? parts.front() : net.add(parts);
  net.rating(sum, options.biases ? options.training_mean : 0.0F, options.levels);
}

void rate(Network& net, const features::TableRows& rows, const VariantOptions& options,
          const Pair& pair, Value hidden) {
  std::vector<Value> parts{hidden};
  if (options.dot) parts.push_back(net.dot(pair.user, pair.title));
  rate(net, rows, options, std::move(parts));
}

}  // namespace nnrec::models
