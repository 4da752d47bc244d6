#include "nnrec/prepare/catalogue_builder.hpp"

#include <cmath>

#include "support/expect_error.hpp"

namespace nnrec::prepare {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;

importing::IdMap map_of(const std::vector<std::string>& ids) {
  importing::IdMap map;
  for (const auto& id : ids) map.insert(id);
  return map;
}  // namespace

TEST(CatalogueBuilder, ItemsMayShareATitleAndKeepTheirIds) {
  importing::IdMap users;
  auto items = map_of({"246", "268", "9"});
  importing::RawCatalogue source;
  source.genres = {"A", "B"};
  source.items = {{"268", "Chasing Amy (1997)", {1}},
                  {"246", "Chasing Amy (1997)", {0, 1}},
                  {"5", "Unrated", {}}};
  const auto catalogue = build_catalogue(source, users, items);
  EXPECT_THAT(catalogue.item_ids, ElementsAre("246", "268", "9", "5"));
  EXPECT_THAT(catalogue.titles, ElementsAre("Chasing Amy (1997)", "9", "Unrated"));
  EXPECT_THAT(catalogue.item_titles, ElementsAre(0, 0, 1, 2));
  EXPECT_THAT(catalogue.item_genres.offsets, ElementsAre(0, 2, 3, 3, 3));
  EXPECT_THAT(catalogue.item_genres.values, ElementsAre(0, 1, 1));
}

TEST(CatalogueBuilder, WordsAreRankedByCountThenByteOrder) {
  shards::Catalogue catalogue;
  catalogue.titles = {"The b", "the a, The", "b C"};
  add_title_words(catalogue);
  EXPECT_THAT(catalogue.words, ElementsAre("the", "b", "a", "c"));
  EXPECT_THAT(catalogue.title_words.offsets, ElementsAre(0, 2, 5, 7));
  EXPECT_THAT(catalogue.title_words.values, ElementsAre(0, 1, 0, 2, 0, 1, 3));
}

TEST(CatalogueBuilder, UsersWithoutARowHaveNoAge) {
  auto users = map_of({"1", "2"});
  importing::IdMap items;
  importing::RawCatalogue source;
  source.users = {{"2", 30, "writer", 'F', '9'}, {"3", 40, "artist", 'M'}};
  const auto catalogue = build_catalogue(source, users, items);
  EXPECT_THAT(catalogue.user_ids, ElementsAre("1", "2", "3"));
  EXPECT_TRUE(std::isnan(catalogue.user_ages[0]));
  EXPECT_EQ(catalogue.user_ages[1], 30);
  EXPECT_THAT(catalogue.user_genders, ElementsAre(0, 'F', 'M'));
  EXPECT_THAT(catalogue.occupations, ElementsAre("unknown", "writer", "artist"));
  EXPECT_THAT(catalogue.user_occupations, ElementsAre(0, 1, 2));
  EXPECT_THAT(catalogue.user_zips, ElementsAre(0, '9', 0));
}

TEST(CatalogueBuilder, WithoutASourceTheColumnsAreEmpty) {
  auto users = map_of({"1"});
  auto items = map_of({"7", "007"});
  const auto catalogue = build_catalogue({}, users, items);
  EXPECT_TRUE(catalogue.user_ages.empty());
  EXPECT_TRUE(catalogue.genres.empty());
  EXPECT_THAT(catalogue.titles, ElementsAre("7", "007"));
}

TEST(CatalogueBuilder, ARepeatedIdIsRefused) {
  importing::IdMap users;
  importing::IdMap items;
  importing::RawCatalogue source;
  source.items = {{"1", "A", {}}, {"1", "B", {}}};
  testing::expect_error(ErrorKind::input, HasSubstr("two rows for item \"1\""),
                        [&] { build_catalogue(source, users, items); });
}

}  // namespace
}  // namespace nnrec::prepare
