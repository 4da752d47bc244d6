#include "nnrec/models/network.hpp"

#include <algorithm>
#include <array>

namespace nnrec::models {

using features::BagColumn;
using features::IdColumn;
using features::ScalarColumn;

template <typename Column>
nn::LookupOptions Network::lookup(const std::string& name, Column column, std::size_t rows,
                                  std::size_t dim, InitialValues initial) {
  columns_[column] = true;
  return {name, static_cast<std::size_t>(column), rows, dim, initial};
}

Value Network::add_table(std::unique_ptr<nn::Layer> layer, const LookupColumn& column) {
  const Value rows = graph_.add(std::move(layer));
  tables_.push_back({layout_.blocks().size() - 1, column, {}});  // placed by rating()
  named_rows_.push_back({layout_.blocks().size() - 1, column});
  lookups_.push_back(rows);
  bag_scales_.emplace_back();
  return rows;
}

Value Network::embedding(const std::string& name, IdColumn column, std::size_t rows,
                         std::size_t dim, InitialValues initial) {
  return add_table(nn::embedding(layout_, lookup(name, column, rows, dim, initial)), column);
}

Value Network::bag_embedding(const std::string& name, BagColumn column, std::size_t rows,
                             std::size_t dim, InitialValues initial, nn::BagScale scale) {
  const Value sums = add_table(
      nn::bag_embedding(layout_, lookup(name, column, rows, dim, initial), scale), column);
  bag_scales_.back() = scale;
  return sums;
}

Value Network::scalar(ScalarColumn column) {
  columns_[column] = true;
  return graph_.add(nn::scalar(static_cast<std::size_t>(column)));
}

Value Network::table(const std::string& name, BagColumn column, std::size_t rows, std::size_t dim) {
  const Value all = graph_.add(nn::table(layout_, name, rows, dim));
  named_rows_.push_back({layout_.blocks().size() - 1, column});
  return all;
}

Value Network::bag_mean(Value x, BagColumn column) {
  columns_[column] = true;
  return graph_.add(nn::bag_mean(x, static_cast<std::size_t>(column)));
}

Value Network::dense(const std::string& name, Value x, std::size_t units, Activation activation) {
  return graph_.add(nn::dense(layout_, x, {name, units, activation}));
}

/// What a layer over looked-up rows is made of.
struct Network::FirstLayer {
  nn::DenseOptions options;
  std::vector<Value> bags;
  std::vector<std::size_t> tables;  ///< that it projects
};

namespace {

/// The sums of a row are as wide as the layer: beyond so many times the row's own width, adding
/// them up and sending them costs more than the products that are saved.
constexpr std::size_t kWidestProjection = 4;

}  // namespace

/// Whose rows a value is.
std::optional<std::size_t> Network::table_of(Value lookup) const {
  const auto found = std::ranges::find(lookups_, lookup.index, &Value::index);
  if (found == lookups_.end()) return {};
  return static_cast<std::size_t>(found - lookups_.begin());
}

void Network::project(Value part, Range columns, std::size_t units, FirstLayer& layer) {
  const auto table = table_of(part);
  if (!table || units > kWidestProjection * part.cols || tables_[*table].projection) return;
  const std::size_t number = graph_.project(part);
  tables_[*table].projection = Projection{0, columns.begin, number, {}};
  layer.tables.push_back(*table);
  projected_tables_.push_back(*table);
  if (!bag_scales_[*table]) {
    layer.options.rows.push_back({columns, number});
    return;
  }
  const auto column = std::get<BagColumn>(tables_[*table].column);
  layer.options.bags.push_back(columns);
  layer.bags.push_back(graph_.add(
      nn::projected_bag({static_cast<std::size_t>(column), number, units, *bag_scales_[*table]})));
}

Value Network::dense(const std::string& name, const std::vector<Value>& parts, std::size_t units,
                     Activation activation) {
  const Value x = parts.size() == 1 ? parts.front() : concat(parts);
  FirstLayer layer;
  layer.options.name = name;
  layer.options.units = units;
  layer.options.activation = activation;
  for (std::size_t i = 0, col = 0; i < parts.size(); col += parts[i++].cols) {
    project(parts[i], {col, col + parts[i].cols}, units, layer);
  }
  const std::size_t weight = layout_.blocks().size();
  const Value y = graph_.add(nn::dense(layout_, x, layer.options, layer.bags));
  std::size_t bag = 0;
  for (const std::size_t table : layer.tables) {
    tables_[table].projection->weight = weight;
    projected_sums_.push_back(bag_scales_[table] ? layer.bags[bag++] : y);
  }
  return y;
}

Value Network::bias(const std::string& name, Value x) {
  return graph_.add(nn::bias(layout_, x, name));
}

Value Network::concat(const std::vector<Value>& parts) {
  return graph_.add(nn::concat(parts));
}

Value Network::add(const std::vector<Value>& parts) {
  return graph_.add(nn::add(parts));
}

Value Network::dropout(Value x, float rate) {
  return rate == 0.0F ? x : graph_.add(nn::dropout(x, rate, dropout_layers_++));
}

Value Network::dot(Value a, Value b) {
  const auto rows_of = [&](Value value) -> std::optional<nn::DotTables::Rows> {
    const auto table = table_of(value);
    if (!table || bag_scales_[*table]) return {};
    const auto column = std::get<IdColumn>(tables_[*table].column);
    return nn::DotTables::Rows{static_cast<std::size_t>(column), tables_[*table].block};
  };
  const auto rows_a = rows_of(a);
  const auto rows_b = rows_of(b);
  if (!rows_a || !rows_b) return graph_.add(nn::dot(a, b));
  const Value y = graph_.add(nn::dot(a, b, nn::DotTables{*rows_a, *rows_b}));
  dots_.push_back({y, *table_of(a), *table_of(b)});
  return y;
}

/// Tells the tables of the dots that read them where they are.
void Network::pair_dots() {
  for (const Dot& dot : dots_) {
    if (!graph_.reads_tables(dot.value)) continue;
    const nn::LeafPlace leaf = graph_.leaf(dot.value);
    tables_[dot.a].dot = RowDot{dot.b, leaf};
    tables_[dot.b].dot = RowDot{dot.a, leaf};
  }
}

Value Network::interaction(const std::vector<Value>& fields) {
  return graph_.add(nn::interaction(fields));
}

void Network::rating(Value prediction, float constant, const std::vector<float>& levels) {
  rating_ = prediction;
  constant_ = constant;
  if (!levels.empty()) {
    ordinal_.emplace(levels);
    ordinal_block_ = layout_.add("ordinal", 1, ordinal_->parameters(), nn::BlockKind::dense,
                                 InitialValues::zero);
  }
  graph_.finish(layout_, prediction);
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    tables_[i].leaf = graph_.leaf(lookups_[i]);
    tables_[i].is_only_projected = graph_.is_only_projected(lookups_[i]);
  }
  for (std::size_t number = 0; number < projected_tables_.size(); ++number) {
    tables_[projected_tables_[number]].projection->leaf = graph_.leaf(projected_sums_[number]);
  }
  pair_dots();
}

nn::Form Network::form() const {
  const bool is_factored = std::ranges::any_of(tables_, [](const TableUse& use) {
    return use.projection.has_value() || use.dot.has_value();
  });
  return is_factored ? nn::Form::factored : nn::Form::plain;
}

Network::Workspace Network::make_workspace() const {
  return {graph_.make_workspace(), std::vector<float>(kTileRows), {}};
}

namespace {

/// The columns of a batch from a tile's first row on, as layers read them.
class TileColumns {
 public:
  explicit TileColumns(const Tile& tile) : tile_(tile) {
    const features::Batch& batch = *tile.batch;
    const auto from_first = [&](const auto& column) {
      return column.empty() ? nullptr : column.data() + tile.first_row;
    };
    for (std::size_t i = 0; i < ids_.size(); ++i) ids_[i] = from_first(batch.ids[i]);
    for (std::size_t i = 0; i < bags_.size(); ++i) {
      bags_[i] = {from_first(batch.bags[i].offsets), batch.bags[i].values.data()};
    }
    for (std::size_t i = 0; i < scalars_.size(); ++i) scalars_[i] = from_first(batch.scalars[i]);
  }

  nn::TileInput input() const {
    return {tile_.rows, tile_.first_position, tile_.dropout,  ids_, bags_,
            scalars_,   tile_.form,           tile_.projected};
  }

 private:
  const Tile& tile_;
  std::array<const std::uint32_t*, features::kIdColumns> ids_{};
  std::array<nn::Bags, features::kBagColumns> bags_{};
  std::array<const float*, features::kScalarColumns> scalars_{};
};

}  // namespace

void Network::score(const nn::LayerRun& run, Workspace& workspace) const {
  graph_.forward(run);
  const math::ConstMatrix y = run.value(rating_);
  for (std::size_t r = 0; r < y.rows; ++r) workspace.predictions[r] = y.row(r)[0] + constant_;
}

void Network::predict(const nn::ParameterSet& parameters, const Tile& tile,
                      Workspace& workspace) const {
  const TileColumns columns(tile);
  score(nn::LayerRun(graph_, parameters, columns.input(), workspace), workspace);
  if (!ordinal_) return;
  const std::size_t rows = workspace.variances.empty() ? 0 : tile.rows;
  ordinal_->rate(parameters.values(ordinal_block_),
                 std::span(workspace.predictions).first(tile.rows),
                 std::span(workspace.variances).first(rows));
}

/// Forward, and backward from what derive(dy) leaves in dy, of shape (rows, 1), with the tile's
/// scores in workspace.predictions.
template <typename Derive>
void Network::run_backward(const nn::ParameterSet& parameters, const Tile& tile,
                           Workspace& workspace, nn::LeafGradients& leaves,
                           const Derive& derive) const {
  const TileColumns columns(tile);
  const nn::LayerRun run(graph_, parameters, columns.input(), workspace, &leaves, tile.first_row);
  score(run, workspace);
  graph_.begin_backward(run);
  derive(run.gradient(rating_));
  graph_.backward(run);
}

double Network::squared_error(std::span<const float> ratings, Workspace& workspace,
                              math::Matrix dy) const {
  double squared_error = 0.0;
  for (std::size_t r = 0; r < ratings.size(); ++r) {
    const float error = workspace.predictions[r] - ratings[r];
    squared_error += static_cast<double>(error) * static_cast<double>(error);
    dy.row(r)[0] = 2.0F * error;
  }
  return squared_error;
}

double Network::gradient(const nn::ParameterSet& parameters, const Tile& tile, Workspace& workspace,
                         nn::LeafGradients& leaves) const {
  const auto ratings = std::span(tile.batch->rating).subspan(tile.first_row, tile.rows);
  double sum = 0.0;
  run_backward(parameters, tile, workspace, leaves, [&](math::Matrix dy) {
    sum = ordinal_ ? ordinal_->gradient(
                         parameters.values(ordinal_block_), ratings, workspace.predictions, dy,
                         workspace.dense.data() + layout_[ordinal_block_].dense_offset)
                   : squared_error(ratings, workspace, dy);
  });
  return sum;
}

void Network::probe(const nn::ParameterSet& parameters, const Tile& tile,
                    const CounterRandom& signs, Workspace& workspace,
                    nn::LeafGradients& leaves) const {
  run_backward(parameters, tile, workspace, leaves, [&](math::Matrix dy) {
    const auto sizes = std::span(workspace.predictions).first(tile.rows);
    if (ordinal_) {
      ordinal_->root_of_information(parameters.values(ordinal_block_), sizes);
      // Its own rule moves the block.
      std::fill_n(workspace.dense.data() + layout_[ordinal_block_].dense_offset,
                  ordinal_->parameters(), 0.0F);
    } else {
      std::ranges::fill(sizes, 1.0F);
    }
    for (std::size_t r = 0; r < tile.rows; ++r) {
      const bool is_positive = (signs.bits(tile.first_position + r) & 1) == 0;
      dy.row(r)[0] = is_positive ? sizes[r] : -sizes[r];
    }
  });
}

}  // namespace nnrec::models
