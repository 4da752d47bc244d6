#include "nnrec/features/row_names.hpp"

#include <gmock/gmock.h>

#include "support/temporary_folder.hpp"
#include "support/tiny_data.hpp"

namespace nnrec::features {
namespace {
using ::testing::ElementsAre;
using Texts = std::vector<std::string>;

TEST(RowNames, RowsComeFromThoseOfTheSameName) {
  const Texts then{"ann", "bob", "cy"};
  const Texts now{"cy", "dee", "ann", "eve"};
  RowNames former;
  RowNames current;
  former.users = former.genres = former.words = then;
  current.users = current.genres = current.words = now;
  const RowMap users = map_rows(IdColumn::user, {former, 4}, {current, 5});
  EXPECT_THAT(users.from, ElementsAre(0, 3, kNoRow, 1, kNoRow));
  EXPECT_EQ(users.kept, 2U);
  EXPECT_EQ(users.added, 2U);
  EXPECT_EQ(users.gone, 1U);
  for (const BagColumn column : {BagColumn::genres, BagColumn::item_genres})
    EXPECT_EQ(map_rows(column, {former, 4}, {current, 5}).from, users.from);
  const RowMap words = map_rows(BagColumn::title_words, {former, kWordRows}, {current, kWordRows});
  ASSERT_EQ(words.from.size(), kWordRows);
  EXPECT_THAT(std::vector(words.from.begin(), words.from.begin() + 7),
              ElementsAre(0, 1, 4, kNoRow, 2, kNoRow, kNoRow));
}

TEST(RowNames, WordsWithoutARowHaveNoneToComeFrom) {
  const Texts then{"the", "of", "heat"};
  const Texts now{"heat", "of", "the"};
  RowNames former;
  RowNames current;
  former.words = then;
  current.words = now;
  // The rarest words stand last and have no row where titles must have them twice.
  const RowMap map = map_rows(BagColumn::repeated_words, {former, 3}, {current, 3});
  EXPECT_THAT(map.from, ElementsAre(0, kNoRow, 2));
  EXPECT_EQ(map.kept, 1U);
  EXPECT_EQ(map.added, 1U);
  EXPECT_EQ(map.gone, 1U);
  EXPECT_THAT(map_rows(BagColumn::repeated_words, {former, 1}, {current, 4}).from,
              ElementsAre(0, kNoRow, kNoRow, kNoRow));
}

TEST(RowNames, OfManyWordsEachTableKeepsThoseThatItHasRowsOf) {
  Texts many;
  for (int i = 0; i < 12'000; ++i) many.push_back(std::to_string(i));
  RowNames names;
  names.words = many;
  const NamedTable repeated{names, many.size() + 1};
  const RowMap all = map_rows(BagColumn::repeated_words, repeated, repeated);
  EXPECT_EQ(all.kept, many.size());
  EXPECT_EQ(all.from.back(), many.size());
  const RowMap some = map_rows(BagColumn::title_words, {names, kWordRows}, {names, kWordRows});
  EXPECT_EQ(some.kept, kWordRows - kFirstWordRow);
  EXPECT_EQ(some.from.size(), kWordRows);
  EXPECT_EQ(some.from.back(), kWordRows - 1);
}

TEST(RowNames, GendersStandForThemselvesInEverySet) {
  const RowNames any;
  EXPECT_THAT(map_rows(IdColumn::gender, {any, 3}, {any, 3}).from, ElementsAre(0, 1, 2));
  EXPECT_THAT(map_rows(IdColumn::gender, {any, 1}, {any, 3}).from, ElementsAre(0, kNoRow, kNoRow));
  EXPECT_THAT(map_rows(IdColumn::gender, {any, 3}, {any, 1}).from, ElementsAre(0));
}

TEST(RowNames, ATimeBucketComesFromTheOneThatItsFirstTimeWasIn) {
  RowNames former;
  former.time_max = 999'000;  // bucket b: from 1000 (b - 1) on
  RowNames current = former;
  const std::size_t rows = kTimestampBoundaries + 1;
  const RowMap same = map_rows(IdColumn::timestamp_bucket, {former, rows}, {current, rows});
  for (std::uint32_t bucket = 0; bucket <= kTimestampBoundaries; ++bucket)
    EXPECT_EQ(same.from[bucket], bucket);
  current.time_min = -999'000;  // bucket b: from 2000 (b - 1) - 999000 on
  const RowMap wider = map_rows(IdColumn::timestamp_bucket, {former, rows}, {current, rows});
  EXPECT_EQ(wider.from[1], kNoRow);
  EXPECT_EQ(wider.from[500], kNoRow) << "begins at -1000";
  EXPECT_EQ(wider.from[501], 2U) << "begins at 1000";
  EXPECT_EQ(wider.from[1000], 1000U);
  EXPECT_EQ(wider.kept, 500U);
  EXPECT_EQ(wider.added, 500U);
}

TEST(RowNames, ThoseOfASetAreItsCatalogues) {
  const testing::TemporaryFolder folder;
  const auto set = testing::make_tiny_set(folder / "set", 7, 9, 150);
  const RowNames names = row_names(set);
  EXPECT_EQ(names.users.size(), 7U);
  EXPECT_EQ(names.users[2], set.catalogue().user_ids[2]);
  EXPECT_EQ(names.time_max, set.manifest().time_max);
  EXPECT_EQ(table_rows(names).users, 8U) << "one for those out of vocabulary";
  EXPECT_EQ(table_rows(names).genres, set.catalogue().genres.size() + 1);
}

}  // namespace
}  // namespace nnrec::features
