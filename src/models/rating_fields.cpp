#include "rating_fields.hpp"

#include <array>
#include <optional>
#include <string>
#include <variant>

#include "hidden_layers.hpp"

namespace nnrec::models {
namespace {

using features::BagColumn;
using features::Extra;
using features::IdColumn;
using features::TableRows;

enum class Field { user, title, day, none };

/// What a field is the sum of. Without an extra: always there.
struct Part {
  Field field;
  std::optional<Extra> extra;
  const char* name;
  LookupColumn column;
  std::size_t TableRows::*rows;
};

constexpr std::array kParts{
    Part{Field::user, {}, "user", IdColumn::user, &TableRows::users},
    Part{Field::user, Extra::age, "age_bin", IdColumn::age_bin, &TableRows::age_bins},
    Part{Field::user, Extra::gender, "gender", IdColumn::gender, &TableRows::genders},
    Part{Field::user, Extra::occupation, "occupation", IdColumn::occupation,
         &TableRows::occupations},
    Part{Field::user, Extra::zip, "zip", IdColumn::zip, &TableRows::zips},
    Part{Field::title, {}, "title", IdColumn::title, &TableRows::titles},
    Part{Field::title, Extra::year, "year", IdColumn::year_bin, &TableRows::year_bins},
    Part{Field::title, Extra::genres, "genre", BagColumn::item_genres, &TableRows::item_genres},
    Part{Field::title, Extra::words, "word", BagColumn::repeated_words, &TableRows::repeated_words},
    Part{Field::day, Extra::day, "day", IdColumn::day, &TableRows::days},
    Part{Field::none, Extra::sessions, "page", IdColumn::page, &TableRows::pages},
    Part{Field::none, Extra::sessions, "visit", IdColumn::visit, &TableRows::visits},
    Part{Field::none, Extra::sessions, "sitting", IdColumn::sitting, &TableRows::sittings},
};

class FieldTables {
 public:
  FieldTables(Network& net, const TableRows& rows, const VariantOptions& options)
      : net_(net), rows_(rows), options_(options) {}

  /// Of all fields that have a part, in their order.
  std::vector<Value> vectors() const {
    std::vector<Value> fields;
    for (const Field field : {Field::user, Field::title, Field::day}) {
      std::vector<Value> parts;
      for (const Part& part : kParts) {
        if (part.field != field || !has(part)) continue;
        parts.push_back(look_up(part, part.name, options_.embedding_dim, InitialValues::embedding));
      }
      if (!parts.empty()) fields.push_back(parts.size() == 1 ? parts.front() : net_.add(parts));
    }
    return fields;
  }

  std::vector<Value> biases() const {
    std::vector<Value> all;
    for (const Part& part : kParts) {
      if (has(part))
        all.push_back(look_up(part, std::string(part.name) + "_bias", 1, InitialValues::zero));
    }
    return all;
  }

 private:
  bool has(const Part& part) const { return !part.extra || options_.extras.has(*part.extra); }

  Value look_up(const Part& part, const std::string& name, std::size_t dim,
                InitialValues initial) const {
    const std::size_t rows = rows_.*part.rows;
    if (const auto* id = std::get_if<IdColumn>(&part.column))
      return net_.embedding(name, *id, rows, dim, initial);
    return net_.bag_embedding(name, std::get<BagColumn>(part.column), rows, dim, initial,
                              nn::BagScale::root);
  }

  Network& net_;
  const TableRows& rows_;
  const VariantOptions& options_;
};

}  // namespace

Network build_fields(const TableRows& rows, const VariantOptions& options,
                     const std::vector<std::size_t>& hidden) {
  Network net;
  const FieldTables tables(net, rows, options);
  const std::vector<Value> fields = tables.vectors();
  std::vector<Value> parts;
  if (!hidden.empty()) parts.push_back(hidden_layers(net, fields, hidden, options.dropout));
  if (hidden.empty() || options.dot) parts.push_back(net.interaction(fields));
  const std::vector<Value> biases = tables.biases();
  parts.insert(parts.end(), biases.begin(), biases.end());
  net.rating(net.add(parts), options.training_mean, options.levels);
  return net;
}

features::ExtraSet extras_of(const Network& network) {
  features::ExtraSet extras;
  for (const Part& part : kParts) {
    if (!part.extra) continue;
    const bool is_read =
        std::visit([&](auto column) { return network.columns().has(column); }, part.column);
    extras[*part.extra] = extras.has(*part.extra) || is_read;
  }
  return extras;
}

}  // namespace nnrec::models
