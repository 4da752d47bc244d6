// Predictions, losses, gradients and three Adagrad steps of each variant against values that were
// computed in float64 by automatic differentiation, independently of this project (tests/golden).

#include <cmath>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "nnrec/models/variants.hpp"
#include "nnrec/nn/update_rules.hpp"

#include "support/whole_block.hpp"
#include "support/whole_gradient.hpp"

namespace nnrec::models {
namespace {

using nlohmann::json;

/// The dropout mask that the file gives, in place of the counter-based one.
class FileDropout final : public nn::DropoutNoise {
 public:
  explicit FileDropout(const json& mask) : mask_(mask) {}
  void apply(float rate, std::size_t, std::uint64_t first_position, math::Matrix x) const override {
    for (std::size_t r = 0; r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        x.row(r)[c] *= mask_[first_position + r][c].get<float>() / (1.0F - rate);
      }
    }
  }

 private:
  const json& mask_;
};

json read_golden(std::string_view name) {
  const std::string path =
      std::string(NNREC_SOURCE_DIR "/tests/golden/") + std::string(name) + ".json";
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

std::size_t rows_of(const json& golden, const std::string& block) {
  return golden["initial"].contains(block) ? golden["initial"][block].size() : 0;
}

Network build(const Variant& variant, const json& golden) {
  features::TableRows rows;
  rows.users = rows_of(golden, "user");
  rows.titles = rows_of(golden, "title");
  rows.timestamp_buckets = rows_of(golden, "timestamp_bucket");
  rows.words = rows_of(golden, "word");
  rows.genres = rows_of(golden, "genre");
  VariantOptions options;
  options.embedding_dim = 4;
  options.hidden = {6};
  if (variant.name == "complex") options.hidden.push_back(4);
  options.age_units = 3;
  options.genre_units = 2;
  options.dropout = {0.0F, golden["inputs"].value("dropout_rate", 0.0F)};
  return variant.build(rows, options);
}

void fill_bags(const json& lists, features::BagValues& bags) {
  bags.offsets.assign(1, 0);
  for (const auto& list : lists) {
    for (const auto& member : list) bags.values.push_back(member.get<std::uint32_t>());
    bags.offsets.push_back(static_cast<std::uint32_t>(bags.values.size()));
  }
}

features::Batch read_batch(const json& golden) {
  const json& inputs = golden["inputs"];
  features::Batch batch;
  batch.rating = golden["rating"].get<std::vector<float>>();
  batch.rows = batch.rating.size();
  batch[features::IdColumn::user] = inputs["user"].get<std::vector<std::uint32_t>>();
  batch[features::IdColumn::title] = inputs["title"].get<std::vector<std::uint32_t>>();
  if (inputs.contains("timestamp_bucket")) {
    batch[features::IdColumn::timestamp_bucket] =
        inputs["timestamp_bucket"].get<std::vector<std::uint32_t>>();
    batch[features::ScalarColumn::normalised_timestamp] =
        inputs["normalised_timestamp"].get<std::vector<float>>();
    fill_bags(inputs["title_words"], batch[features::BagColumn::title_words]);
  }
  if (inputs.contains("age")) {
    batch[features::ScalarColumn::age] = inputs["age"].get<std::vector<float>>();
    fill_bags(inputs["genre_slots"], batch[features::BagColumn::genres]);
  }
  return batch;
}

/// All numbers of a nested array, in order.
std::vector<double> flatten(const json& values) {
  if (!values.is_array()) return {values.get<double>()};
  std::vector<double> flat;
  for (const auto& part : values) {
    const auto numbers = flatten(part);
    flat.insert(flat.end(), numbers.begin(), numbers.end());
  }
  return flat;
}

/// 1e-5 relative to the larger of the value and the block's typical size.
void expect_close(const std::vector<double>& actual, const std::vector<double>& expected,
                  const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double squares = 0;
  for (const double value : expected) squares += value * value;
  const double typical = std::sqrt(squares / static_cast<double>(expected.size()));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-5 * std::max(std::abs(expected[i]), typical))
        << what << " element " << i;
  }
}

std::vector<double> as_double(std::span<const float> values) {
  return {values.begin(), values.end()};
}

/// By file of tests/golden. In complex_alive most units are alive at every step.
class Golden : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(EveryFile, Golden,
                         ::testing::Values("basic", "one_layer", "enriched", "complex",
                                           "complex_alive"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(Golden, PredictionLossGradientAndThreeStepsAgree) {
  const json golden = read_golden(GetParam());
  const Network network = build(find_variant(golden["variant"].get<std::string>()), golden);
  const features::Batch batch = read_batch(golden);
  const auto& blocks = network.layout().blocks();
  ASSERT_EQ(blocks.size(), golden["initial"].size());
  nn::ParameterSet parameters(network.layout());
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const auto initial = flatten(golden["initial"][blocks[b].name]);
    ASSERT_EQ(initial.size(), blocks[b].size()) << blocks[b].name;
    std::ranges::transform(initial, parameters.values(b).begin(),
                           [](double value) { return static_cast<float>(value); });
  }
  const json no_mask;
  const bool has_mask = golden["inputs"].contains("dropout_keep_mask");
  const FileDropout dropout(has_mask ? golden["inputs"]["dropout_keep_mask"] : no_mask);
  const nn::UpdateRules rules(
      network.layout(),
      {fmt::format("adagrad:initial_accumulator={},epsilon={}",
                   golden["initial_accumulator"].get<double>(), golden["epsilon"].get<double>())});
  auto state = rules.initial_state();

  for (const json& step : golden["steps"]) {
    const auto whole = testing::whole_gradient(network, parameters, batch, &dropout);
    const auto rows = static_cast<double>(batch.rows);
    expect_close(as_double(whole.predictions), step["prediction"].get<std::vector<double>>(),
                 "prediction");
    EXPECT_NEAR(whole.squared_error / rows, step["loss"].get<double>(),
                1e-5 * step["loss"].get<double>());
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      std::vector<float> mean(blocks[b].size());
      std::ranges::transform(whole.blocks[b], mean.begin(),
                             [&](double sum) { return static_cast<float>(sum / rows); });
      expect_close(as_double(mean), flatten(step["gradient"][blocks[b].name]),
                   "gradient of " + blocks[b].name);
      rules.group_of(b).optimizer.optimizer->update(
          testing::whole_block(rules, b, parameters, state, mean),
          {golden["learning_rate"].get<double>(), 1});
      expect_close(as_double(parameters.values(b)),
                   flatten(step["parameters_after"][blocks[b].name]), blocks[b].name + " after");
    }
  }
}

}  // namespace
}  // namespace nnrec::models
