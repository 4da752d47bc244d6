#include "shards/data_digest.hpp"

#include <functional>
#include <limits>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nnrec/shards/shard_set_writer.hpp"

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::shards {
namespace {

using testing::OwnedColumns;

const OwnedColumns kFirst{{0, 1}, {2, 0}, {3.5, 4}, {10, 1LL << 40}};
const OwnedColumns kOther{{1}, {1}, {1}, {20}};

std::string hex(const Sha256Digest& digest) {
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

struct Described {
  Manifest manifest;
  Catalogue catalogue;
  std::string digest() const { return data_digest(manifest, catalogue); }
};

/// Three train rows in two shards, one test row.
Described small_set() {
  Described set;
  auto& manifest = set.manifest;
  manifest.has_time = true;
  manifest.time_min = 10;
  manifest.time_max = 1LL << 40;
  manifest.time_mean = 0.5;
  manifest.time_variance = 2.25;
  manifest.has_scale = true;
  manifest.scale_low = 0.5;
  manifest.scale_high = 5;
  manifest.shards = {{"a", Part::train, 2, {block_digest(kFirst.view())}},
                     {"b", Part::test, 1, {block_digest(kOther.view())}},
                     {"c", Part::train, 1, {block_digest(kOther.view())}}};
  auto& catalogue = set.catalogue;
  catalogue.user_ids = {"1", "caf\xC3\xA9"};
  catalogue.user_ages = {20, std::numeric_limits<float>::quiet_NaN()};
  catalogue.user_genders = {'F', 0};
  catalogue.user_occupations = {0, 0};
  catalogue.occupations = {"writer"};
  catalogue.item_ids = {"7", "007", "x"};
  catalogue.item_titles = {0, 0, 1};
  catalogue.item_genres = {{0, 1, 1, 3}, {1, 0, 1}};
  catalogue.genres = {"Drama", "War"};
  catalogue.titles = {"First", "x"};
  catalogue.title_words = {{0, 1, 2}, {0, 1}};
  catalogue.words = {"first", "x"};
  return set;
}

// The three values are those of a program in Python that follows data/FORMAT.md.
TEST(DataDigest, IsThatOfTheGrammar) {
  EXPECT_EQ(hex(block_digest(kFirst.view())),
            "bbf4357660728c667976b860193dc87e2ca567270cea1e9fbf9a07b9abe25889");
  EXPECT_EQ(hex(block_digest({kFirst.user, kFirst.item, kFirst.rating, {}})),
            "f3384224bbea840082743b5cd37275f872a47db252f8370c5ff7ebad76f27511");
  EXPECT_EQ(small_set().digest(),
            "3610f0489763603b1bfe4bf1d5af9b4e3453332071509c2aa32ad437c1c5dc1d");
}

TEST(DataDigest, ChangesWithEverythingThatIsTrainedOnOrEvaluated) {
  const std::vector<std::function<void(Described&)>> changes{
      [](auto& set) { set.manifest.has_time = false; },
      [](auto& set) { ++set.manifest.time_min; },
      [](auto& set) { ++set.manifest.time_max; },
      [](auto& set) { set.manifest.time_mean = 0.25; },
      [](auto& set) { set.manifest.time_variance = 2; },
      [](auto& set) { set.manifest.has_scale = false; },
      [](auto& set) { set.manifest.scale_low = 1; },
      [](auto& set) { set.manifest.scale_high = 10; },
      [](auto& set) { set.manifest.shards[1].part = Part::validation; },
      [](auto& set) { std::swap(set.manifest.shards[0], set.manifest.shards[2]); },
      [](auto& set) { set.manifest.shards[0].blocks[0] = block_digest(kOther.view()); },
      [](auto& set) { set.manifest.shards.pop_back(); },
      [](auto& set) {
        set.catalogue.user_ids = {"1c", "af\xC3\xA9"};
      },
      [](auto& set) { set.catalogue.user_ages[0] = 21; },
      [](auto& set) { set.catalogue.user_genders[1] = 'M'; },
      [](auto& set) { set.catalogue.user_occupations.clear(); },
      [](auto& set) { set.catalogue.occupations[0] = "Writer"; },
      [](auto& set) { std::swap(set.catalogue.item_ids[0], set.catalogue.item_ids[1]); },
      [](auto& set) { set.catalogue.item_titles[1] = 1; },
      [](auto& set) { set.catalogue.item_genres.offsets[1] = 0; },
      [](auto& set) { set.catalogue.item_genres.values[0] = 0; },
      [](auto& set) { set.catalogue.genres[1] = "Drama"; },
      [](auto& set) { set.catalogue.titles[0] = "Firs"; },
      [](auto& set) { set.catalogue.title_words.values[0] = 1; },
      [](auto& set) { set.catalogue.words[1] = "y"; },
      [](auto& set) {
        set.catalogue.user_zips = {'1', '2'};
      },
      [](auto& set) {
        set.catalogue.user_zips = {'1', 0};
      },
  };
  std::vector<std::string> digests{small_set().digest()};
  for (const auto& change : changes) {
    auto set = small_set();
    change(set);
    EXPECT_THAT(digests, ::testing::Not(::testing::Contains(set.digest()))) << digests.size();
    digests.push_back(set.digest());
  }
}

TEST(DataDigest, LeavesOutWhereValuesCameFromAndHowTheyAreKept) {
  auto set = small_set();
  auto& manifest = set.manifest;
  manifest.source = "elsewhere/u.data";
  manifest.format = "delimited";
  manifest.split = "files train=a test=b";
  manifest.rules = "3 pairs repeat";
  manifest.overlap_pairs = manifest.cold_users = manifest.cold_items = 7;
  manifest.shards[0].file = "other";
  std::swap(manifest.shards[0], manifest.shards[1]);  // of different parts
  EXPECT_EQ(set.digest(), small_set().digest());
}

/// The digest of 300,000 train rows and some test rows in shards of `shard_rows`.
std::string digest_in_shards_of(std::uint64_t shard_rows) {
  const testing::TemporaryFolder folder;
  OwnedColumns rows;
  for (std::uint32_t row = 0; row < 300'000; ++row) {
    rows.user.push_back(row % 2);
    rows.item.push_back(row % 3);
    rows.rating.push_back(static_cast<float>(row % 7));
    rows.timestamp.push_back(row);
  }
  ShardSetOptions options;
  options.folder = folder / "set";
  options.shard_rows = shard_rows;
  ShardSetWriter writer(options);
  writer.append(Part::train, rows.view());
  writer.append(Part::test, kFirst.view());
  return writer.publish({}, small_set().catalogue).manifest().digest;
}

TEST(DataDigest, IsTheSameInShardsOfAnyWholeBlocks) {
  const auto digest = digest_in_shards_of(1 << 20);
  EXPECT_EQ(digest_in_shards_of(kBlockRows), digest);
  EXPECT_EQ(digest_in_shards_of(3 * kBlockRows), digest);
}

}  // namespace
}  // namespace nnrec::shards
