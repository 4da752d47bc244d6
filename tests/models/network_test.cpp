#include "nnrec/models/network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/models/variants.hpp"

#include "support/expect_error.hpp"
#include "support/finite_difference.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"
#include "support/whole_gradient.hpp"

namespace nnrec::models {
namespace {

/// What a preset may add to a published variant.
enum class Form { published, with_biases_and_dot, with_features };

std::string name_of(Form form) {
  if (form == Form::published) return "";
  return form == Form::with_features ? "_with_features" : "_with_biases_and_dot";
}

/// Every variant on a small data set with all features; repeated users and titles in each batch.
class EveryVariant : public ::testing::TestWithParam<std::tuple<Variant, Form>> {
 protected:
  EveryVariant()
      : set_(testing::make_tiny_set(folder_ / "set", 7, 9, 150)),
        columns_(testing::read_part(set_, shards::Part::train)),
        features_(set_) {
    features::SessionBuilder builder;
    builder.add(columns_.view());
    sessions_ = builder.finish(set_.manifest().user_count);
    features_.use_sessions(sessions_.view());
    const auto& [variant, form] = GetParam();
    VariantOptions all = options(form);
    if (form == Form::with_features)
      all.extras = features_.available(features::parse_extras("all"));
    network_ = variant.build(features_.table_rows(), all);
  }

  static VariantOptions options(Form form) {
    VariantOptions options;
    options.embedding_dim = 6;
    options.hidden = {10, 16};
    options.dropout = {0.0F, 0.3F};
    if (form == Form::with_features) options.dropout = {0.2F, 0.3F, 0.1F};
    options.biases = options.dot = form != Form::published;
    options.training_mean = 3.25F;
    return options;
  }

  features::Batch batch(std::size_t rows) const {
    std::vector<std::uint64_t> numbers(rows);
    std::iota(numbers.begin(), numbers.end(), 0);
    features::Batch result;
    features_.gather(columns_.view(), numbers, network_.columns(), result);
    for (float& age : result[features::ScalarColumn::age]) age /= 30.0F;  // no kink within a step
    return result;
  }

  testing::TemporaryFolder folder_;
  shards::ShardSet set_;
  testing::OwnedColumns columns_;
  features::Features features_;
  features::OwnedSessions sessions_;
  Network network_;
};
INSTANTIATE_TEST_SUITE_P(
    Variants, EveryVariant,
    ::testing::Combine(::testing::ValuesIn(variants().begin(), variants().end()),
                       ::testing::Values(Form::published, Form::with_biases_and_dot,
                                         Form::with_features)),
    [](const auto& test) {
      return std::string(std::get<0>(test.param).name) + name_of(std::get<1>(test.param));
    });

TEST_P(EveryVariant, GradientAgreesWithFiniteDifferences) {
  const features::Batch rows = batch(100);  // a whole tile and a short one
  auto parameters = nn::initialize(network_.layout(), 3);
  for (std::size_t block = 0; block < network_.layout().blocks().size(); ++block) {
    if (network_.layout()[block].kind != nn::BlockKind::table) continue;
    for (float& value : parameters.values(block)) value *= 10.0F;
  }
  const nn::CounterDropout dropout(1, 2);
  const auto whole = testing::whole_gradient(network_, parameters, rows, &dropout);
  const auto loss = [&] {
    return testing::whole_gradient(network_, parameters, rows, &dropout).squared_error;
  };
  for (std::size_t block = 0; block < whole.blocks.size(); ++block) {
    SCOPED_TRACE(network_.layout()[block].name);
    const std::vector<float> gradient(whole.blocks[block].begin(), whole.blocks[block].end());
    const std::size_t stride = gradient.size() / 60 + 1;
    // Sums over the rows are around 100; the step is small to cross few kinks.
    const float step = std::get<1>(GetParam()) == Form::with_features ? 2e-4F : 5e-4F;
    testing::expect_gradient(parameters.values(block), gradient, loss, stride, step, 1e-2, 20.0);
  }
}

// The loss is made of the scores, which the same network without levels predicts.
TEST_P(EveryVariant, WithLevelsTheGradientIsThatOfTheLogLikelihood) {
  VariantOptions with_levels = options(std::get<1>(GetParam()));
  if (std::get<1>(GetParam()) == Form::with_features)
    with_levels.extras = features_.available(features::parse_extras("all"));
  with_levels.levels = {1, 2, 3, 4, 5};
  const Network ordinal = std::get<0>(GetParam()).build(features_.table_rows(), with_levels);
  const features::Batch rows = batch(100);
  auto parameters = nn::initialize(ordinal.layout(), 3);
  for (std::size_t block = 0; block < ordinal.layout().blocks().size(); ++block) {
    if (ordinal.layout()[block].kind != nn::BlockKind::table) continue;
    for (float& value : parameters.values(block)) value *= 10.0F;
  }
  const auto set_cuts = parameters.values(ordinal.ordinal_block());
  for (std::size_t i = 0; i < set_cuts.size(); ++i)
    set_cuts[i] = 0.1F * static_cast<float>(i) - 0.2F;
  const auto loss = [&] {
    nn::ParameterSet scores(network_.layout());
    for (std::size_t block = 0; block < network_.layout().blocks().size(); ++block) {
      std::size_t same = 0;
      while (ordinal.layout()[same].name != network_.layout()[block].name) ++same;
      std::ranges::copy(parameters.values(same), scores.values(block).begin());
    }
    const auto whole = testing::whole_gradient(network_, scores, rows, nullptr);
    const auto cuts = ordinal.ordinal()->cuts(parameters.values(ordinal.ordinal_block()));
    double sum = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const auto above = [&](std::size_t cut) {
        const double f = static_cast<double>(whole.predictions[r]);
        return 1 / (1 + std::exp(-cuts.steepness * (f - cuts.at[cut])));
      };
      const auto level = static_cast<std::size_t>(rows.rating[r]) - 1;
      sum -= 2 * std::log((level == 0 ? 1 : above(level - 1)) - (level == 4 ? 0 : above(level)));
    }
    return sum;
  };
  const auto whole = testing::whole_gradient(ordinal, parameters, rows, nullptr);
  for (std::size_t block = 0; block < whole.blocks.size(); ++block) {
    SCOPED_TRACE(ordinal.layout()[block].name);
    const std::vector<float> gradient(whole.blocks[block].begin(), whole.blocks[block].end());
    const std::size_t stride = gradient.size() / 60 + 1;
    const float step = std::get<1>(GetParam()) == Form::with_features ? 2e-4F : 5e-4F;
    testing::expect_gradient(parameters.values(block), gradient, loss, stride, step, 1e-2, 20.0);
  }
}

TEST_P(EveryVariant, PredictIsTheForwardHalfOfGradient) {
  const features::Batch rows = batch(64);
  const auto parameters = nn::initialize(network_.layout(), 3);
  auto workspace = network_.make_workspace();
  nn::LeafGradients leaves(network_.graph(), 64);
  const Tile tile{&rows, 0, 64, 0, nullptr};
  network_.prepare(parameters, nn::Form::plain, workspace);
  network_.gradient(parameters, tile, workspace, leaves);
  const auto predictions = workspace.predictions;
  network_.predict(parameters, tile, workspace);
  EXPECT_EQ(predictions, workspace.predictions);
}

TEST_P(EveryVariant, ARowThatOccursTwiceIsAddedTwice) {
  features::Batch once;
  features::Batch twice;
  features_.gather(columns_.view(), std::vector<std::uint64_t>{5}, network_.columns(), once);
  features_.gather(columns_.view(), std::vector<std::uint64_t>{5, 5}, network_.columns(), twice);
  const auto parameters = nn::initialize(network_.layout(), 3);
  const auto single = testing::whole_gradient(network_, parameters, once, nullptr);
  const auto both = testing::whole_gradient(network_, parameters, twice, nullptr);
  for (std::size_t block = 0; block < single.blocks.size(); ++block) {
    for (std::size_t i = 0; i < single.blocks[block].size(); ++i) {
      ASSERT_NEAR(both.blocks[block][i], 2.0 * single.blocks[block][i],
                  1e-5 * (1.0 + std::abs(both.blocks[block][i])));
    }
  }
}

TEST_P(EveryVariant, AnEmptyBatchHasNoLossAndNoGradient) {
  const auto parameters = nn::initialize(network_.layout(), 3);
  const auto none = testing::whole_gradient(network_, parameters, batch(0), nullptr);
  EXPECT_EQ(none.squared_error, 0.0);
  for (const auto& block : none.blocks) {
    for (const double value : block) ASSERT_EQ(value, 0.0);
  }
}

std::size_t kept_floats(const Network& network) {
  return nn::LeafGradients::floats(network.graph(), kTileRows, nn::Form::factored);
}

TEST(Network, ADotThatAloneReadsItsRowsKeepsNoGradientsOfRows) {
  const auto build = [](std::string_view variant, bool biases, bool dot) {
    VariantOptions options;
    options.biases = biases;
    options.dot = dot;
    return find_variant(variant).build({.users = 20, .titles = 30}, options);
  };
  const Network published = build("basic", false, false);
  EXPECT_EQ(published.form(), nn::Form::factored);
  EXPECT_EQ(kept_floats(published), kTileRows) << "a number a rating";
  ASSERT_TRUE(published.tables()[0].dot && published.tables()[1].dot);
  EXPECT_EQ(published.tables()[0].dot->other, 1U);
  EXPECT_EQ(published.tables()[1].dot->other, 0U);
  EXPECT_EQ(kept_floats(build("basic", true, false)), 3 * kTileRows) << "and one a bias";
  const Network beside_layers = build("one_layer", false, true);
  EXPECT_FALSE(beside_layers.tables()[0].dot) << "a layer reads the rows too";
}

TEST(Network, ADotOfOneTablesRowsWithAnothersBagStaysPlain) {
  Network network;
  const Value user = network.embedding("user", features::IdColumn::user, 20, 8);
  const Value words = network.bag_embedding("word", features::BagColumn::title_words, 30, 8);
  network.rating(network.dot(user, words));
  EXPECT_EQ(network.form(), nn::Form::plain);
  EXPECT_FALSE(network.tables()[0].dot);
}

/// The number of the block named so.
std::size_t block_of(const Network& network, std::string_view name) {
  const auto& blocks = network.layout().blocks();
  const auto found = std::ranges::find(blocks, name, &nn::Block::name);
  return static_cast<std::size_t>(found - blocks.begin());
}

TEST_P(EveryVariant, BiasesDotAndTheTrainingMeanAreAddedToThePublishedRating) {
  const auto& [variant, form] = GetParam();
  const bool is_of_fields = form == Form::with_features || variant.name == "deep_fm";
  if (form == Form::published || is_of_fields) return;
  const Network published = variant.build(features_.table_rows(), options(Form::published));
  const features::Batch rows = batch(64);
  const auto plain = nn::initialize(published.layout(), 3);
  auto parameters = nn::initialize(network_.layout(), 3);  // where both have a block, the same
  const auto user_bias = parameters.values(block_of(network_, "user_bias"));
  const auto title_bias = parameters.values(block_of(network_, "title_bias"));
  const bool has_own_biases = variant.name == "fm";
  if (!has_own_biases) {
    std::ranges::fill(user_bias, 0.5F);
    for (std::size_t i = 0; i < title_bias.size(); ++i) title_bias[i] = static_cast<float>(i);
  }
  const auto before = testing::whole_gradient(published, plain, rows, nullptr);
  const auto after = testing::whole_gradient(network_, parameters, rows, nullptr);
  const auto user = parameters.matrix(block_of(network_, "user"));
  const auto title = parameters.matrix(block_of(network_, "title"));
  for (std::size_t row = 0; row < 64; ++row) {
    const auto u = rows[features::IdColumn::user][row];
    const auto t = rows[features::IdColumn::title][row];
    double expected = 3.25 + before.predictions[row];
    if (!has_own_biases) expected += 0.5 + t;
    for (std::size_t c = 0; c < 6 && !hidden_sizes(published).empty(); ++c) {
      expected += static_cast<double>(user.row(u)[c]) * title.row(t)[c];
    }
    ASSERT_NEAR(after.predictions[row], expected, 1e-5) << row;
  }
}

/// Of one row of a bag: sum of `table` over it / sqrt of its size, column by column.
std::vector<double> bag_sum(math::ConstMatrix table, const features::BagValues& bags,
                            std::size_t row) {
  std::vector<double> sum(table.cols, 0.0);
  const std::uint32_t members = bags.offsets[row + 1] - bags.offsets[row];
  for (std::uint32_t i = bags.offsets[row]; i < bags.offsets[row + 1]; ++i) {
    for (std::size_t c = 0; c < table.cols; ++c)
      sum[c] += static_cast<double>(table.row(bags.values[i])[c]) / std::sqrt(members);
  }
  return sum;
}

/// The fields of a rating are sums of rows; a rating is the mean, their biases and the dots of
/// their pairs.
TEST_P(EveryVariant, FieldsAreSummedAndPairsOfThemDotted) {
  const auto& [variant, form] = GetParam();
  if (form != Form::with_features || variant.name != "basic") return;
  using features::BagColumn;
  using features::IdColumn;
  const features::Batch rows = batch(64);
  auto parameters = nn::initialize(network_.layout(), 3);
  for (std::size_t block = 0; block < network_.layout().blocks().size(); ++block) {
    for (float& bias : parameters.values(block)) bias += 0.25F;  // no bias is zero
  }
  const auto table = [&](const std::string& name) {
    return parameters.matrix(block_of(network_, name));
  };
  const auto predicted = testing::whole_gradient(network_, parameters, rows, nullptr).predictions;
  const std::vector<std::vector<std::pair<const char*, IdColumn>>> ids{
      {{"user", IdColumn::user},
       {"age_bin", IdColumn::age_bin},
       {"occupation", IdColumn::occupation},
       {"zip", IdColumn::zip}},
      {{"title", IdColumn::title}, {"year", IdColumn::year_bin}},
      {{"day", IdColumn::day}}};
  for (std::size_t row = 0; row < 64; ++row) {
    double expected = 3.25;
    std::vector<std::vector<double>> fields(3, std::vector<double>(6, 0.0));
    for (std::size_t f = 0; f < 3; ++f) {
      for (const auto& [name, column] : ids[f]) {
        for (std::size_t c = 0; c < 6; ++c)
          fields[f][c] += double{table(name).row(rows[column][row])[c]};
        expected += double{table(std::string(name) + "_bias").row(rows[column][row])[0]};
      }
    }
    for (const auto& [name, column] : {std::pair{"genre", BagColumn::item_genres},
                                       std::pair{"word", BagColumn::repeated_words}}) {
      const auto sum = bag_sum(table(name), rows[column], row);
      for (std::size_t c = 0; c < 6; ++c) fields[1][c] += sum[c];
      expected += bag_sum(table(std::string(name) + "_bias"), rows[column], row)[0];
    }
    for (const auto& [name, column] :
         {std::pair{"page_bias", IdColumn::page}, std::pair{"visit_bias", IdColumn::visit},
          std::pair{"sitting_bias", IdColumn::sitting}}) {
      expected += double{table(name).row(rows[column][row])[0]};
    }
    for (std::size_t c = 0; c < 6; ++c) {
      expected +=
          fields[0][c] * fields[1][c] + fields[0][c] * fields[2][c] + fields[1][c] * fields[2][c];
    }
    ASSERT_NEAR(predicted[row], expected, 1e-4) << row;
  }
}

TEST(Variants, HaveThePublishedNumberOfParameters) {
  const features::TableRows movielens{944, 1665, 1001, 10000, 20};
  const auto count = [&](std::string_view name) {
    return find_variant(name).build(movielens, {}).layout().parameter_count();
  };
  EXPECT_EQ(count("basic"), 83488U);
  EXPECT_EQ(count("one_layer"), 87713U);
  EXPECT_EQ(count("enriched"), 443905U);
}

TEST(Variants, HaveAsManyHiddenLayersAsAskedFor) {
  const features::TableRows rows{3, 4, 2, 5, 6};
  VariantOptions options;
  const auto sizes = [&](std::string_view variant) {
    return hidden_sizes(find_variant(variant).build(rows, options));
  };
  EXPECT_EQ(sizes("complex"), (std::vector<std::size_t>{64, 16}));
  EXPECT_EQ(sizes("one_layer"), std::vector<std::size_t>{64});
  EXPECT_TRUE(sizes("basic").empty());
  options.hidden = {5, 9, 2};
  for (const std::string_view variant : {"one_layer", "enriched", "complex"}) {
    EXPECT_EQ(sizes(variant), options.hidden) << variant;
  }
  EXPECT_TRUE(sizes("basic").empty());
}

TEST(Variants, UnknownNameIsRefusedWithTheList) {
  testing::expect_error(ErrorKind::usage, ::testing::HasSubstr("did you mean one_layer?"),
                        [] { find_variant("two_layer"); });
}

TEST(Network, ARatingIsOneNumberOfTheBatch) {
  Network wide;
  EXPECT_THROW(wide.rating(wide.embedding("user", features::IdColumn::user, 3, 2)), Error);
  Network fixed;
  EXPECT_THROW(fixed.rating(fixed.table("genre", features::BagColumn::genres, 3, 1)), Error);
}

}  // namespace
}  // namespace nnrec::models
