#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/app/prep_command.hpp"

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

// Registered only when NNREC_DATA named a folder with MovieLens 100K at configure time.
namespace nnrec::app {
namespace {

struct PublicSet {
  const char* input;
  const char* format;
  std::uint64_t ratings;
  std::uint64_t users;
  std::uint64_t rated_items;
};

TEST(PublicSetsRealData, CountsAreThePublishedOnes) {
  const testing::TemporaryFolder folder;
  for (const auto& expected : {
           PublicSet{"ml-100k", "ml-100k", 100'000, 943, 1'682},
           PublicSet{"ml-1m/ratings_no_timestamp.dat", "ml-1m", 1'000'209, 6'040, 3'706},
           PublicSet{"ml-latest-small", "ml-csv", 100'836, 610, 9'724},
           PublicSet{"movietweetings-100k", "movietweetings", 100'000, 16'554, 10'506},
           PublicSet{"jester5k", "delimited", 363'209, 5'000, 100},
       }) {
    const auto input = std::filesystem::path(NNREC_DATA) / expected.input;
    if (!std::filesystem::exists(input)) continue;  // Only MovieLens 100K is sure to be there.
    Log log = Log::silent();
    prep_command({"--input", input.string(), "--output", (folder / "set").string()}, log);
    const auto manifest = shards::ShardSet::open(folder / "set").manifest();
    EXPECT_EQ(manifest.format, expected.format);
    EXPECT_EQ(manifest.rows(shards::Part::train) + manifest.rows(shards::Part::test),
              expected.ratings)
        << expected.input;
    EXPECT_EQ(manifest.rated_user_count, expected.users) << expected.input;
    EXPECT_EQ(manifest.rated_item_count, expected.rated_items) << expected.input;
  }
}

shards::ShardSet prepare(const std::filesystem::path& output, std::vector<std::string> options) {
  Log log = Log::silent();
  options.insert(options.end(), {"--input", NNREC_DATA "/ml-100k", "--output", output.string()});
  prep_command(options, log);
  return shards::ShardSet::open(output);
}

TEST(MovieLens100KRealData, CountsAreThePublishedOnes) {
  const testing::TemporaryFolder folder;
  const auto set = prepare(folder / "set", {});
  const auto& manifest = set.manifest();
  EXPECT_EQ(manifest.rows(shards::Part::train), 80'000U);
  EXPECT_EQ(manifest.rows(shards::Part::test), 20'000U);
  EXPECT_EQ(manifest.user_count, 943U);
  EXPECT_EQ(manifest.item_count, 1'682U);
  EXPECT_EQ(manifest.title_count, 1'664U);
  EXPECT_EQ(manifest.overlap_pairs, 0U);
  EXPECT_EQ(manifest.rating_min, 1);
  EXPECT_EQ(manifest.rating_max, 5);
  EXPECT_EQ(manifest.time_min, 874'724'710);
  EXPECT_EQ(manifest.time_max, 893'286'638);
}

TEST(MovieLens100KRealData, CatalogueIsWholeAndInUtf8) {
  const testing::TemporaryFolder folder;
  const auto set = prepare(folder / "set", {});
  const auto& catalogue = set.catalogue();
  EXPECT_EQ(catalogue.genres.size(), 19U);
  EXPECT_EQ(catalogue.occupations.size(), 21U);
  EXPECT_EQ(std::ranges::count(catalogue.user_zips, '9'), 170) << "as a count of u.user says";
  EXPECT_EQ(std::ranges::count(catalogue.user_zips, 'V'), 5);
  EXPECT_EQ(catalogue.words.size(), 2'466U);
  EXPECT_EQ(catalogue.words.front(), "the");
  EXPECT_THAT(catalogue.titles, ::testing::Contains("Mis\xC3\xA9rables, Les (1995)"));
  EXPECT_THAT(catalogue.titles, ::testing::Contains("unknown"));
}

TEST(MovieLens100KRealData, OfficialFoldKeepsItsCounts) {
  const testing::TemporaryFolder folder;
  const auto set =
      prepare(folder / "set", {"--split", "files", "--train", "u1.base", "--test", "u1.test"});
  EXPECT_EQ(set.manifest().rows(shards::Part::train), 80'000U);
  EXPECT_EQ(set.manifest().rows(shards::Part::test), 20'000U);
  EXPECT_EQ(set.manifest().overlap_pairs, 0U);
}

}  // namespace
}  // namespace nnrec::app
