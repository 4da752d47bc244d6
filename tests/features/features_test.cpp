#include "nnrec/features/features.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "nnrec/shards/shard_set_writer.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::features {
namespace {

class FeaturesOfTinySet : public ::testing::Test {
 protected:
  FeaturesOfTinySet()
      : set_(testing::make_tiny_set(folder_ / "set", 7, 9, 150)),
        columns_(testing::read_part(set_, shards::Part::train)),
        features_(set_) {}

  testing::TemporaryFolder folder_;
  shards::ShardSet set_;
  testing::OwnedColumns columns_;
  Features features_;
};

TEST_F(FeaturesOfTinySet, TimestampBucketCountsTheBoundariesThatWerePassed) {
  const auto low = set_.manifest().time_min;
  const auto high = set_.manifest().time_max;
  ASSERT_LT(low, high);
  for (std::int64_t step = -1; step <= 1001; ++step) {
    const std::int64_t time = low + step * (high - low) / 1000;
    std::uint32_t passed = 0;
    for (std::int64_t i = 0; i < 1000; ++i) {  // low + i (high - low) / 999 <= time, in integers
      passed += (time - low) * 999 >= i * (high - low) ? 1 : 0;
    }
    EXPECT_EQ(features_.timestamp_bucket(time), passed) << "step " << step;
  }
}

TEST(Features, TimesAsFarApartAsNumbersGoHaveTheirBuckets) {
  constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
  const testing::TemporaryFolder folder;
  shards::ShardSetOptions options;
  options.folder = folder / "set";
  shards::ShardSetWriter writer(options);
  const testing::OwnedColumns rows{{0, 0}, {0, 0}, {1, 2}, {kLow, kHigh}};
  writer.append(shards::Part::train, rows.view());
  shards::Catalogue catalogue;
  catalogue.user_ids = catalogue.item_ids = catalogue.titles = {"a"};
  catalogue.item_titles = {0};
  catalogue.title_words.offsets = {0, 0};
  const Features features(writer.publish({}, catalogue));
  EXPECT_EQ(features.timestamp_bucket(kLow), 1U);
  EXPECT_EQ(features.timestamp_bucket(-1), 500U);
  EXPECT_EQ(features.timestamp_bucket(kHigh - 1), 999U);
  EXPECT_EQ(features.timestamp_bucket(kHigh), 1000U);
}

TEST_F(FeaturesOfTinySet, NormalisedTimestampsHaveMeanZeroAndVarianceOne) {
  double sum = 0;
  double squares = 0;
  std::size_t count = 0;
  for (const shards::Part part : shards::kParts) {
    for (const std::int64_t time : testing::read_part(set_, part).timestamp) {
      const auto value = static_cast<double>(features_.normalised_timestamp(time));
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  EXPECT_NEAR(sum / static_cast<double>(count), 0.0, 1e-5);
  EXPECT_NEAR(squares / static_cast<double>(count), 1.0, 1e-5);
}

TEST_F(FeaturesOfTinySet, GatherGivesTheFeaturesOfEachRow) {
  ColumnSet all;
  all.ids.fill(true);
  all.bags.fill(true);
  all.scalars.fill(true);
  const std::vector<std::uint64_t> rows{3, 0, 3, 77};
  Batch batch;
  features_.gather(columns_.view(), rows, all, batch);
  ASSERT_EQ(batch.rows, rows.size());
  const shards::Catalogue& catalogue = set_.catalogue();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t user = columns_.user[rows[i]];
    const std::uint32_t item = columns_.item[rows[i]];
    const std::uint32_t title = set_.catalogue().item_titles[item];
    EXPECT_EQ(batch.rating[i], columns_.rating[rows[i]]);
    EXPECT_EQ(batch[IdColumn::user][i], user + 1);
    EXPECT_EQ(batch[IdColumn::title][i], title + 1);
    EXPECT_EQ(batch[ScalarColumn::age][i], catalogue.user_ages[user]);
    const auto& words = batch[BagColumn::title_words];
    const auto first_word = catalogue.title_words.offsets[title];
    ASSERT_EQ(words.offsets[i + 1] - words.offsets[i],
              catalogue.title_words.offsets[title + 1] - first_word);
    EXPECT_EQ(words.values[words.offsets[i]], catalogue.title_words.values[first_word] + 2)
        << "rows 0 and 1 are padding and out of vocabulary";
    const auto& genres = batch[BagColumn::genres];
    ASSERT_EQ(genres.offsets[i + 1] - genres.offsets[i], kGenreSlots);
    const auto first = catalogue.item_genres.offsets[item];
    const auto count = catalogue.item_genres.offsets[item + 1] - first;
    for (std::size_t slot = 0; slot < kGenreSlots; ++slot) {
      const std::uint32_t expected =
          slot < count ? catalogue.item_genres.values[first + slot] + 1 : 0;
      EXPECT_EQ(genres.values[genres.offsets[i] + slot], expected);
    }
  }
}

TEST_F(FeaturesOfTinySet, ColumnsThatAreReadOutliveTheOthers) {
  ColumnSet read;
  read[ScalarColumn::age] = read[IdColumn::gender] = true;
  const std::vector<std::uint64_t> rows{3, 0, 77};
  Batch before;
  features_.gather(columns_.view(), rows, read, before);
  const std::size_t age_bins = features_.table_rows().age_bins;
  features_.keep_only(read);
  Batch after;
  features_.gather(columns_.view(), rows, read, after);
  EXPECT_EQ(after[ScalarColumn::age], before[ScalarColumn::age]);
  EXPECT_EQ(after[IdColumn::gender], before[IdColumn::gender]);
  EXPECT_TRUE(features_.rows_of_all(IdColumn::age_bin).empty());
  EXPECT_EQ(features_.most_values(BagColumn::title_words), 0U);
  EXPECT_EQ(features_.table_rows().age_bins, age_bins);
}

TEST_F(FeaturesOfTinySet, WhoSharesColumnsGathersTheSame) {
  ColumnSet read;
  read[ScalarColumn::age] = read[IdColumn::title] = read[IdColumn::year_bin] = true;
  read[BagColumn::genres] = read[BagColumn::title_words] = true;
  const std::vector<std::uint64_t> rows{3, 0, 77};
  Batch expected;
  features_.gather(columns_.view(), rows, read, expected);
  std::vector<std::vector<std::byte>> arrays;
  features_.share(read, [&](std::span<const std::byte> held) {
    return std::span<const std::byte>(arrays.emplace_back(held.begin(), held.end()));
  });
  std::size_t next = 0;
  Features other(features_.facts());
  other.share(read, [&](std::span<const std::byte> held) {
    EXPECT_TRUE(held.empty());
    return std::span<const std::byte>(arrays.at(next++));
  });
  EXPECT_EQ(next, arrays.size());
  EXPECT_EQ(other.table_rows().titles, features_.table_rows().titles);
  for (const Features* features : {&features_, &other}) {
    Batch batch;
    features->gather(columns_.view(), rows, read, batch);
    EXPECT_EQ(batch.ids, expected.ids);
    EXPECT_EQ(batch[ScalarColumn::age], expected[ScalarColumn::age]);
    EXPECT_EQ(batch[BagColumn::genres].values, expected[BagColumn::genres].values);
    EXPECT_EQ(batch[BagColumn::title_words].values, expected[BagColumn::title_words].values);
  }
}

TEST_F(FeaturesOfTinySet, UnwantedColumnsStayEmpty) {
  ColumnSet wanted;
  wanted.ids[static_cast<std::size_t>(IdColumn::user)] = true;
  Batch batch;
  features_.gather(columns_.view(), std::vector<std::uint64_t>{1, 2}, wanted, batch);
  EXPECT_EQ(batch[IdColumn::user].size(), 2U);
  EXPECT_TRUE(batch[IdColumn::title].empty());
  EXPECT_TRUE(batch[BagColumn::title_words].values.empty());
  EXPECT_TRUE(batch[ScalarColumn::age].empty());
}

}  // namespace
}  // namespace nnrec::features
