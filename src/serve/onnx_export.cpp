#include "nnrec/serve/onnx_export.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/npz_file.hpp"
#include "nnrec/io/onnx_file.hpp"
#include "nnrec/nn/layer_visitor.hpp"
#include "nnrec/serve/part_rows.hpp"
#include "nnrec/serve/predictor.hpp"

namespace nnrec::serve {
namespace {

using io::OnnxFile;
using nn::Value;
using Names = std::vector<std::string>;

/// A column as an input: what it is called, and what its values are.
struct Input {
  const char* name;
  const char* doc;
};

constexpr std::array<Input, features::kIdColumns> kIdInputs{
    Input{"user_row", "1 + the user's place in user_ids of --to npz; 0: unknown"},
    Input{"title_row", "1 + the place in titles of --to npz; 0: unknown"},
    Input{"timestamp_bucket_row", ""},
    Input{"day_row", "1 + days (UTC) since the first training rating's; 0: none"},
    Input{"page_row", "the user's ratings of one second; 0: none"},
    Input{"visit_row", "the user's visit; 0: none"},
    Input{"sitting_row", "the user's sitting; 0: none"},
    Input{"age_bin_row", "tenth of the users by age, from 1; 0: none"},
    Input{"gender_row", "1: F, 2: M; 0: none"},
    Input{"occupation_row", "the user's occupation; 0: none"},
    Input{"year_bin_row", "eighteenth of the titles by year, from 1; 0: none"},
    Input{"zip_row", "first character of the user's zip code, from 1 in their order; 0: none"}};
constexpr std::array<Input, features::kBagColumns> kBagInputs{
    Input{"title_word_rows", "the title's words; 1: unknown"},
    Input{"genre_rows", "the item's genres in five slots; 0: unknown"},
    Input{"repeated_word_rows", "the title's words that titles have twice or more"},
    Input{"item_genre_rows", "the item's genres"}};
constexpr std::array<Input, features::kScalarColumns> kScalarInputs{
    Input{"age", "the user's age in years"}, Input{"normalised_timestamp", ""}};

/// What a time becomes, for the two columns of it.
std::string doc_of_bucket(const shards::Manifest& manifest) {
  return fmt::format(
      "how many of {} boundaries, evenly spaced from {} to {} (Unix seconds), are not "
      "after the time",
      features::kTimestampBoundaries, manifest.time_min, manifest.time_max);
}
std::string doc_of_time(const shards::Manifest& manifest) {
  return fmt::format("(time in Unix seconds - {}) / {}", manifest.time_mean,
                     manifest.time_variance > 0 ? std::sqrt(manifest.time_variance) : 1.0);
}

/// Writes the graph, a layer at a time: each value as a tensor of its name.
class GraphWriter final : public nn::LayerVisitor {
 public:
  GraphWriter(const Model& model, OnnxFile& file) : model_(model), file_(file) {
    const auto& blocks = model.network.layout().blocks();
    for (std::size_t block = 0; block < blocks.size(); ++block) {
      if (model.network.ordinal() && block == model.network.ordinal_block()) continue;
      file.constant(blocks[block].name, model.parameters.values(block),
                    {static_cast<std::int64_t>(blocks[block].rows),
                     static_cast<std::int64_t>(blocks[block].cols)});
    }
    constant_ = model.network.constant();
    file.constant("rating_constant", std::span(&constant_, 1), {});
  }

  void embedding(Value y, std::size_t column, std::size_t block) override {
    file_.node("Gather", {block_name(block), id_input(column)}, name(y));
  }
  void bag_embedding(Value y, std::size_t column, std::size_t block, nn::BagScale scale) override {
    bag(y, block_name(block), column, scale);
  }
  void scalar(Value y, std::size_t column) override {
    const std::string input = kScalarInputs[column].name;
    const bool is_time =
        column == static_cast<std::size_t>(features::ScalarColumn::normalised_timestamp);
    file_.input(input, OnnxFile::Type::float32, {"n"},
                is_time ? doc_of_time(model_.set.manifest()) : kScalarInputs[column].doc);
    file_.node("Unsqueeze", {input}, name(y), {axes({1})});
  }
  void table(Value y, std::size_t block) override { same_as_[y.index] = block_name(block); }
  void bag_mean(Value y, Value x, std::size_t column) override {
    bag(y, name(x), column, nn::BagScale::mean);
  }
  void dense(Value y, Value x, const DenseBlocks& blocks) override {
    const bool is_relu = blocks.activation == nn::Activation::relu;
    const std::string sum = is_relu ? name(y) + "_sum" : name(y);
    file_.node("Gemm", {name(x), block_name(blocks.weight), block_name(blocks.bias)}, sum);
    if (is_relu) file_.node("Relu", {sum}, name(y));
  }
  void bias(Value y, Value x, std::size_t block) override {
    file_.node("Add", {name(x), block_name(block)}, name(y));
  }
  void concat(Value y, const std::vector<Value>& parts) override {
    file_.node("Concat", names(parts), name(y), {{"axis", std::int64_t{1}}});
  }
  void add(Value y, const std::vector<Value>& parts) override {
    file_.node("Sum", names(parts), name(y));
  }
  void same(Value y, Value x) override { same_as_[y.index] = name(x); }
  void dot(Value y, Value a, Value b) override {
    file_.node("Mul", {name(a), name(b)}, name(y) + "_products");
    file_.node("ReduceSum", {name(y) + "_products"}, name(y), {axes({1})});
  }
  void interaction(Value y, const std::vector<Value>& fields) override {
    const std::string own = name(y);
    if (!std::exchange(has_half_, true)) file_.constant("half", std::span(&half_, 1), {});
    file_.node("Sum", names(fields), own + "_sum");
    file_.node("Mul", {own + "_sum", own + "_sum"}, own + "_square");
    Names squares;
    for (const Value field : fields) {
      squares.push_back(fmt::format("{}_square_of_{}", own, name(field)));
      file_.node("Mul", {name(field), name(field)}, squares.back());
    }
    file_.node("Sum", squares, own + "_squares");
    file_.node("Sub", {own + "_square", own + "_squares"}, own + "_pairs");
    file_.node("ReduceSum", {own + "_pairs"}, own + "_twice", {axes({1})});
    file_.node("Mul", {own + "_twice", "half"}, own);
  }

  void finish() {
    const bool is_score = model_.network.ordinal().has_value();
    file_.node("Add", {name(model_.network.rating_value()), "rating_constant"},
               is_score ? "score" : "rating_column");
    if (is_score) rate();
    file_.node("Squeeze", {"rating_column"}, "rating", {axes({1})});
    file_.output("rating", OnnxFile::Type::float32, {"n"}, "predicted, not clipped");
  }

 private:
  /// As nn::Ordinal::rate().
  void rate() {
    const nn::Ordinal& ordinal = *model_.network.ordinal();
    const auto cuts = ordinal.cuts(model_.parameters.values(model_.network.ordinal_block()));
    const auto levels = ordinal.levels();
    steepness_ = static_cast<float>(cuts.steepness);
    for (std::size_t c = 0; c + 1 < levels.size(); ++c) {
      cuts_.push_back(static_cast<float>(cuts.at[c]));
      level_gaps_.push_back(levels[c + 1] - levels[c]);
    }
    first_level_ = levels.front();
    const auto count = static_cast<std::int64_t>(cuts_.size());
    file_.constant("cuts", cuts_, {1, count});
    file_.constant("steepness", std::span(&steepness_, 1), {});
    file_.constant("level_gaps", level_gaps_, {count, 1});
    file_.constant("first_level", std::span(&first_level_, 1), {});
    file_.node("Sub", {"score", "cuts"}, "score_above");
    file_.node("Mul", {"score_above", "steepness"}, "log_odds_above");
    file_.node("Sigmoid", {"log_odds_above"}, "probability_above");
    file_.node("MatMul", {"probability_above", "level_gaps"}, "rating_above");
    file_.node("Add", {"rating_above", "first_level"}, "rating_column");
  }
  static OnnxFile::Attribute axes(std::vector<std::int64_t> values) {
    return {"axes", std::move(values)};
  }
  std::string block_name(std::size_t block) const { return model_.network.layout()[block].name; }
  std::string name(Value value) const {
    const auto same = same_as_.find(value.index);
    return same == same_as_.end() ? fmt::format("value{}", value.index) : same->second;
  }
  Names names(const std::vector<Value>& values) const {
    Names all;
    for (const Value value : values) all.push_back(name(value));
    return all;
  }
  /// Declared where it is met first.
  std::string id_input(std::size_t column) {
    const Input& input = kIdInputs[column];
    const bool is_bucket = column == static_cast<std::size_t>(features::IdColumn::timestamp_bucket);
    if (!std::exchange(has_id_[column], true)) {
      file_.input(input.name, OnnxFile::Type::int64, {"n"},
                  is_bucket ? doc_of_bucket(model_.set.manifest()) : input.doc);
    }
    return input.name;
  }
  /// Of a list's slots: rows that may be looked up, 1 where a member stands, the members' number.
  std::string bag_input(std::size_t column) {
    const std::string input = kBagInputs[column].name;
    if (std::exchange(has_bag_[column], true)) return input;
    if (!std::exchange(has_zero_row_, true)) {
      file_.constant("zero_row", std::span(&zero_row_, 1), {});
      file_.constant("one", std::span(&one_, 1), {});
    }
    file_.input(input, OnnxFile::Type::int64, {"n", input + "_slots"},
                fmt::format("{}; filled up with -1", kBagInputs[column].doc));
    file_.node("Max", {input, "zero_row"}, input + "_safe");
    file_.node("Less", {input, "zero_row"}, input + "_empty");
    file_.node("Not", {input + "_empty"}, input + "_member");
    file_.node("Cast", {input + "_member"}, input + "_known",
               {{"to", static_cast<std::int64_t>(OnnxFile::Type::float32)}});
    file_.node("Unsqueeze", {input + "_known"}, input + "_mask", {axes({2})});
    file_.node("ReduceSum", {input + "_known"}, input + "_members", {axes({1})});
    file_.node("Max", {input + "_members", "one"}, input + "_count");
    return input;
  }
  void bag(Value y, const std::string& table, std::size_t column, nn::BagScale scale) {
    const std::string input = bag_input(column);
    const std::string own = name(y);
    file_.node("Gather", {table, input + "_safe"}, own + "_slots");
    file_.node("Mul", {own + "_slots", input + "_mask"}, own + "_members");
    file_.node("ReduceSum", {own + "_members"}, own + "_sum",
               {axes({1}), {"keepdims", std::int64_t{0}}});
    std::string divisor = input + "_count";
    if (scale == nn::BagScale::root) {
      file_.node("Sqrt", {divisor}, own + "_root");
      divisor = own + "_root";
    }
    file_.node("Div", {own + "_sum", divisor}, own);
  }

  const Model& model_;
  OnnxFile& file_;
  std::map<std::size_t, std::string> same_as_;  ///< values that are another tensor
  std::array<bool, features::kIdColumns> has_id_{};
  std::array<bool, features::kBagColumns> has_bag_{};
  bool has_half_ = false;  // What no node uses is no constant: runtimes warn of such.
  bool has_zero_row_ = false;
  std::int64_t zero_row_ = 0;
  float one_ = 1.0F;
  float half_ = 0.5F;
  float constant_ = 0.0F;
  std::vector<float> cuts_;
  std::vector<float> level_gaps_;
  float steepness_ = 0.0F;
  float first_level_ = 0.0F;
};

/// The ratings whose inputs are written.
struct Asked {
  std::vector<std::uint32_t> user, item;
  std::vector<std::int64_t> time;
};

Asked first_ratings(const Model& model, std::size_t rows) {
  Asked asked;
  const math::ThreadTeam team(1);
  for (const shards::Part part : {shards::Part::test, shards::Part::train}) {
    if (!asked.user.empty()) break;
    visit_part(model.set, part, team, [&](const shards::RatingColumns& columns) {
      for (std::size_t row = 0; row < columns.user.size() && asked.user.size() < rows; ++row) {
        asked.user.push_back(columns.user[row]);
        asked.item.push_back(columns.item[row]);
        asked.time.push_back(columns.timestamp[row]);
      }
    });
  }
  return asked;
}

std::vector<std::int64_t> padded(const features::BagValues& bags, std::size_t rows,
                                 std::size_t& slots) {
  slots = 1;
  for (std::size_t row = 0; row < rows; ++row)
    slots = std::max<std::size_t>(slots, bags.offsets[row + 1] - bags.offsets[row]);
  std::vector<std::int64_t> all(rows * slots, -1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::uint32_t i = bags.offsets[row]; i < bags.offsets[row + 1]; ++i)
      all[row * slots + (i - bags.offsets[row])] = bags.values[i];
  }
  return all;
}

void write_inputs(const features::Batch& batch, const features::ColumnSet& columns,
                  io::NpzFile& file) {
  for (std::size_t i = 0; i < kIdInputs.size(); ++i) {
    if (!columns.ids[i]) continue;
    const std::vector<std::int64_t> rows(batch.ids[i].begin(), batch.ids[i].end());
    file.add(kIdInputs[i].name, std::span<const std::int64_t>(rows));
  }
  for (std::size_t i = 0; i < kBagInputs.size(); ++i) {
    if (!columns.bags[i]) continue;
    std::size_t slots = 0;
    const auto rows = padded(batch.bags[i], batch.rows, slots);
    file.add(kBagInputs[i].name, std::span<const std::int64_t>(rows), slots);
  }
  for (std::size_t i = 0; i < kScalarInputs.size(); ++i)
    if (columns.scalars[i])
      file.add(kScalarInputs[i].name, std::span<const float>(batch.scalars[i]));
}

}  // namespace

void export_onnx(const Model& model, const std::filesystem::path& path) {
  OnnxFile file;
  GraphWriter graph(model, file);
  model.network.graph().visit(graph);
  graph.finish();
  file.metadata("variant", model.variant);
  file.metadata("model_digest", model.digest);
  file.metadata("data_digest", model.set.manifest().digest);
  file.write(path, model.variant);
}

void export_onnx_rows(const Model& model, std::size_t rows, const std::filesystem::path& path) {
  const Asked asked = first_ratings(model, rows);
  std::vector<std::uint64_t> numbers(asked.user.size());
  std::iota(numbers.begin(), numbers.end(), std::uint64_t{0});
  features::ColumnSet wanted = model.network.columns();
  wanted.rating = false;
  features::Batch batch;
  model.features.gather(shards::RatingColumns{asked.user, asked.item, {}, asked.time}, numbers,
                        wanted, batch);
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    pairs.push_back({asked.user[i], asked.item[i], asked.time[i]});
  std::vector<float> ratings(pairs.size());
  Predictor(model).predict(pairs, ratings);
  io::write_atomically(
      path,
      [&](const std::filesystem::path& temporary) {
        io::NpzFile file(temporary);
        write_inputs(batch, wanted, file);
        file.add("user", std::span<const std::uint32_t>(asked.user));
        file.add("item", std::span<const std::uint32_t>(asked.item));
        file.add("rating", std::span<const float>(ratings));
        file.close();
      },
      io::Links::followed);
}

}  // namespace nnrec::serve
