#include "nnrec/synthetic/writer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/sha256.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/prepare/prepare.hpp"

#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace nnrec::synthetic {
namespace {

namespace fs = std::filesystem;
using nnrec::testing::expect_error;
using nnrec::testing::read_file;
using nnrec::testing::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const math::ThreadTeam kTeam(2);

std::vector<std::string> lines_of(const fs::path& path) {
  std::istringstream text(read_file(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename().string()] = read_file(entry.path());
  return files;
}

SyntheticSet small_set(SyntheticScale scale, std::uint64_t seed = 5) {
  return SyntheticSet(SyntheticOptions{1000, 400, 50'000, seed, scale});
}

TEST(SyntheticWriter, SameSeedSameBytesOnAnyTeamOtherSeedOtherBytes) {
  for (const auto layout : {SyntheticLayout::movielens_100k, SyntheticLayout::movielens_1m,
                            SyntheticLayout::csv, SyntheticLayout::movietweetings}) {
    const TemporaryFolder folder;
    const auto set = small_set(SyntheticScale::stars);
    write_synthetic_text(set, layout, folder / "a", math::ThreadTeam(1));
    const auto expected = files_of(folder / "a");
    for (const int threads : {2, 3, 8}) {
      const auto name = std::to_string(threads) + "/";
      write_synthetic_text(set, layout, folder / name, math::ThreadTeam(threads));
      EXPECT_EQ(files_of(folder / name), expected);
    }
    write_synthetic_text(small_set(SyntheticScale::stars, 6), layout, folder / "c", kTeam);
    EXPECT_NE(files_of(folder / "c"), expected);
  }
}

// Pinned: gcc and clang, with and without AVX2 and FMA, gave these bytes.
TEST(SyntheticWriter, DefaultSetHasTheSameBytesOnEveryMachine) {
  const TemporaryFolder folder;
  write_synthetic_text(SyntheticSet(SyntheticOptions{}), SyntheticLayout::movielens_100k,
                       folder / "a", kTeam);
  Sha256 digest;
  digest.update(read_file(folder / "a" / "u.data"));
  EXPECT_EQ(digest.hex_digest(),
            "64deae12f0ee910e236ba4b11f2f253a8af39a0b81867a80e17bace5b16ffc09");
}

TEST(SyntheticWriter, FloorInTheFolderIsThatOfTheRatings) {
  const TemporaryFolder folder;
  const SyntheticSet set(SyntheticOptions{100, 80, 3000, 5});
  const auto summary =
      write_synthetic_text(set, SyntheticLayout::movielens_100k, folder / "a", kTeam);
  double squares = 0;
  for (std::uint64_t user = 0; user < 100; ++user)
    for (const auto& rating : set.ratings_of(user))
      squares += std::pow(static_cast<double>(rating.value) - rating.expected, 2);
  EXPECT_NEAR(summary.noise_floor_rmse, std::sqrt(squares / 3000), 1e-12);
  EXPECT_THAT(read_file(folder / "a" / "noise_floor.txt"),
              HasSubstr(fmt::format("noise_floor_rmse {:.6f}\n", summary.noise_floor_rmse)));
}

TEST(SyntheticWriter, SummaryCountsWhatWasWritten) {
  const TemporaryFolder folder;
  const auto set = small_set(SyntheticScale::half_stars);
  const auto summary = write_synthetic_text(set, SyntheticLayout::csv, folder / "a", kTeam);
  std::map<float, std::uint64_t> values;
  std::map<std::string, int> items;
  auto lines = lines_of(folder / "a" / "ratings.csv");
  EXPECT_EQ(lines.size(), 50'001U);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto item = lines[i].find(',') + 1;
    const auto value = lines[i].find(',', item) + 1;
    ++items[lines[i].substr(item, value - item - 1)];
    ++values[std::stof(lines[i].substr(value, 3))];
  }
  EXPECT_EQ(summary.ratings, 50'000U);
  EXPECT_EQ(summary.rated_items, items.size());
  ASSERT_EQ(summary.values.size(), 10U);
  for (const auto& [value, count] : summary.values) EXPECT_EQ(count, values[value]) << value;
}

TEST(SyntheticWriter, MovieLens100KCatalogueIsLatin1WithTwentyFourColumns) {
  const TemporaryFolder folder;
  write_synthetic_text(SyntheticSet(SyntheticOptions{}), SyntheticLayout::movielens_100k,
                       folder / "a", kTeam);
  const auto lines = lines_of(folder / "a" / "u.item");
  for (const auto& line : lines) EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 23) << line;
  EXPECT_EQ(lines.size(), 1682U);
  const auto text = read_file(folder / "a" / "u.item");
  EXPECT_NE(text.find("Caf\xE9 River"), std::string::npos);
  EXPECT_EQ(text.find('\xC3'), std::string::npos) << "UTF-8 was left in";
}

TEST(SyntheticWriter, MovieLens1MHasDoubleColonsLatin1AndAgeRanges) {
  const TemporaryFolder folder;
  write_synthetic_text(small_set(SyntheticScale::stars), SyntheticLayout::movielens_1m,
                       folder / "a", kTeam);
  EXPECT_THAT(lines_of(folder / "a" / "ratings.dat"),
              ::testing::Each(::testing::MatchesRegex("[0-9]+::[0-9]+::[1-5]::[0-9]+")));
  EXPECT_THAT(lines_of(folder / "a" / "users.dat"),
              ::testing::Each(::testing::MatchesRegex(
                  "[0-9]+::[MF]::(1|18|25|35|45|50|56)::[0-9]+::[0-9]{5}")));
  const auto movies = read_file(folder / "a" / "movies.dat");
  EXPECT_THAT(movies, StartsWith("1::"));
  EXPECT_NE(movies.find("Caf\xE9 River, The ("), std::string::npos);
}

TEST(SyntheticWriter, CsvHasHeadersHalfStarsAndQuotedTitles) {
  const TemporaryFolder folder;
  write_synthetic_text(small_set(SyntheticScale::half_stars), SyntheticLayout::csv, folder / "a",
                       kTeam);
  const auto ratings = lines_of(folder / "a" / "ratings.csv");
  EXPECT_EQ(ratings[0], "userId,movieId,rating,timestamp");
  EXPECT_THAT(std::vector(ratings.begin() + 1, ratings.end()),
              ::testing::Each(::testing::MatchesRegex("[0-9]+,[0-9]+,[0-5]\\.[05],[0-9]+")));
  const auto movies = lines_of(folder / "a" / "movies.csv");
  EXPECT_EQ(movies[0], "movieId,title,genres");
  EXPECT_THAT(movies[1], ::testing::MatchesRegex("1,\".*, The \\([0-9]{4}\\)\",.*"));
  EXPECT_TRUE(importing::is_utf8(read_file(folder / "a" / "movies.csv")));
}

TEST(SyntheticWriter, MovieTweetingsHasZerosBeforeItsIdsAndValuesToTen) {
  const TemporaryFolder folder;
  write_synthetic_text(small_set(SyntheticScale::zero_to_ten), SyntheticLayout::movietweetings,
                       folder / "a", kTeam);
  EXPECT_THAT(lines_of(folder / "a" / "ratings.dat"),
              ::testing::Each(::testing::MatchesRegex("[0-9]+::0000[0-9]{3}::[0-9]+::[0-9]+")));
  EXPECT_THAT(lines_of(folder / "a" / "movies.dat")[0], StartsWith("0000001::"));
  EXPECT_TRUE(importing::is_utf8(read_file(folder / "a" / "movies.dat")));
}

TEST(SyntheticWriter, ExistingFolderIsKeptAndRefused) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "a");
  nnrec::testing::write_file(folder / "a" / "mine.txt", "mine");
  expect_error(ErrorKind::input, HasSubstr("is there already"), [&] {
    write_synthetic_text(SyntheticSet(SyntheticOptions{5, 5, 20, 1}),
                         SyntheticLayout::movielens_100k, folder / "a", kTeam);
  });
  EXPECT_EQ(read_file(folder / "a" / "mine.txt"), "mine");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}), 1);
}

// ---- Shards ---------------------------------------------------------------------------------

using Row = std::tuple<std::string, std::string, std::string, float, std::int64_t>;

/// The rows of a part in order, with ids and titles in place of indices.
std::vector<Row> rows_of(const shards::ShardSet& set, shards::Part part) {
  std::vector<Row> rows;
  const auto& catalogue = set.catalogue();
  for (std::size_t shard = 0; shard < set.manifest().shards.size(); ++shard) {
    const auto& info = set.manifest().shards[shard];
    if (info.part != part) continue;
    std::vector<std::uint32_t> user(info.rows);
    auto item = user;
    std::vector<float> rating(info.rows);
    std::vector<std::int64_t> time(info.rows);
    set.read_shard(shard, {user, item, rating, time}, math::ThreadTeam(1));
    for (std::size_t i = 0; i < info.rows; ++i)
      rows.emplace_back(catalogue.user_ids[user[i]], catalogue.item_ids[item[i]],
                        catalogue.titles[catalogue.item_titles[item[i]]], rating[i], time[i]);
  }
  return rows;
}

TEST(SyntheticShards, HaveTheRowsThatPrepareMakesOfTheText) {
  const TemporaryFolder folder;
  const auto planted = small_set(SyntheticScale::stars);
  write_synthetic_text(planted, SyntheticLayout::movielens_100k, folder / "text", kTeam);
  prepare::PrepareOptions options;
  options.source.inputs = {folder / "text"};
  options.shards.folder = folder / "prepared";
  const auto prepared = prepare::prepare(options).manifest;
  write_synthetic_shards(planted, {folder / "straight", 7000}, kTeam);

  const auto straight = shards::ShardSet::open(folder / "straight");
  const auto& manifest = straight.manifest();
  EXPECT_EQ(manifest.split, prepared.split);
  EXPECT_EQ(manifest.cold_users, prepared.cold_users);
  EXPECT_EQ(manifest.cold_items, prepared.cold_items);
  EXPECT_EQ(manifest.rated_item_count, prepared.rated_item_count);
  EXPECT_EQ(manifest.item_count, prepared.item_count);
  EXPECT_EQ(manifest.title_count, prepared.title_count);
  const auto expected = shards::ShardSet::open(folder / "prepared");
  EXPECT_EQ(straight.catalogue().user_ids, expected.catalogue().user_ids);
  EXPECT_EQ(straight.catalogue().item_ids, expected.catalogue().item_ids);
  EXPECT_EQ(straight.catalogue().words, expected.catalogue().words);
  for (const shards::Part part : shards::kParts)
    EXPECT_EQ(rows_of(straight, part), rows_of(expected, part));
}

TEST(SyntheticShards, AreTheSameBytesOnAnyTeam) {
  const TemporaryFolder folder;
  const auto planted = small_set(SyntheticScale::zero_to_ten);
  write_synthetic_shards(planted, {folder / "a", 20'000}, math::ThreadTeam(1));
  write_synthetic_shards(planted, {folder / "b", 20'000}, math::ThreadTeam(3));
  EXPECT_EQ(files_of(folder / "a"), files_of(folder / "b"));
}

TEST(SyntheticShards, FloorStandsInTheManifest) {
  const TemporaryFolder folder;
  const auto summary =
      write_synthetic_shards(small_set(SyntheticScale::stars), {folder / "a"}, kTeam);
  EXPECT_THAT(shards::ShardSet::open(folder / "a").manifest().source,
              HasSubstr(fmt::format("noise_floor_rmse={:.6f}", summary.noise_floor_rmse)));
}

TEST(SyntheticShards, NothingToTrainOnIsRefused) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::input, HasSubstr("leaves none to train on"), [&] {
    write_synthetic_shards(SyntheticSet(SyntheticOptions{1, 1, 1, 1}), {folder / "a", 1 << 20, 0.9},
                           kTeam);
  });
}

}  // namespace
}  // namespace nnrec::synthetic
