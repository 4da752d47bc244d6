#include "nnrec/prepare/catalogue_builder.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "nnrec/base/error.hpp"
#include "nnrec/import/text.hpp"

namespace nnrec::prepare {
namespace {

constexpr const char* kUnknownOccupation = "unknown";

/// By dense index, the source's row; nullptr where it has none.
template <typename Row>
std::vector<const Row*> rows_by_index(const std::vector<Row>& rows, importing::IdMap& ids,
                                      const char* noun) {
  std::vector<const Row*> by_index(ids.size(), nullptr);
  for (const auto& row : rows) {
    const auto index = ids.insert(row.id);
    if (index == by_index.size()) by_index.push_back(nullptr);
    if (by_index[index] != nullptr) {
      throw InputError("the catalogue has two rows for {} {}. Remove one.", noun,
                       importing::escaped(row.id));
    }
    by_index[index] = &row;
  }
  return by_index;
}

void add_users(const importing::RawCatalogue& source, importing::IdMap& users,
               shards::Catalogue& catalogue) {
  const auto rows = rows_by_index(source.users, users, "user");
  catalogue.user_ids = users.ids();
  if (source.users.empty()) return;
  importing::IdMap occupations;
  for (const auto* row : rows) {
    const bool known = row != nullptr && !row->occupation.empty();
    catalogue.user_ages.push_back(row != nullptr ? row->age
                                                 : std::numeric_limits<float>::quiet_NaN());
    catalogue.user_genders.push_back(static_cast<std::uint8_t>(row != nullptr ? row->gender : 0));
    catalogue.user_occupations.push_back(
        occupations.insert(known ? row->occupation : kUnknownOccupation));
    catalogue.user_zips.push_back(static_cast<std::uint8_t>(row != nullptr ? row->zip : 0));
  }
  const bool has_zips = std::ranges::any_of(catalogue.user_zips, [](auto zip) { return zip != 0; });
  if (!has_zips) catalogue.user_zips.clear();
  catalogue.occupations = occupations.ids();
}

void add_items(const importing::RawCatalogue& source, importing::IdMap& items,
               shards::Catalogue& catalogue) {
  const auto rows = rows_by_index(source.items, items, "item");
  catalogue.item_ids = items.ids();
  catalogue.genres = source.genres;
  importing::IdMap titles;
  for (std::size_t item = 0; item < rows.size(); ++item) {
    const auto* row = rows[item];
    const bool has_title = row != nullptr && !row->title.empty();
    catalogue.item_titles.push_back(
        titles.insert(has_title ? row->title : items.id(static_cast<std::uint32_t>(item))));
    if (source.genres.empty()) continue;
    auto& genres = catalogue.item_genres;
    if (row != nullptr) {
      genres.values.insert(genres.values.end(), row->genres.begin(), row->genres.end());
    }
    genres.offsets.push_back(genres.values.size());
  }
  catalogue.titles = titles.ids();
}

/// Old word numbers by falling count, ties in byte order of the word.
std::vector<std::uint32_t> ranked(const std::vector<std::string>& words,
                                  const std::vector<std::uint64_t>& counts) {
  std::vector<std::uint32_t> order(words.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : words[a] < words[b];
  });
  return order;
}

}  // namespace

void add_title_words(shards::Catalogue& catalogue) {
  importing::IdMap seen;
  std::vector<std::uint64_t> counts;
  shards::ListColumn words;
  for (const auto& title : catalogue.titles) {
    for (const auto& word : importing::title_words(title)) {
      words.values.push_back(seen.insert(word));
      counts.resize(seen.size());
      ++counts[words.values.back()];
    }
    words.offsets.push_back(words.values.size());
  }
  std::vector<std::uint32_t> rank(seen.size());
  catalogue.words.clear();
  const auto texts = seen.ids();
  for (const auto word : ranked(texts, counts)) {
    rank[word] = static_cast<std::uint32_t>(catalogue.words.size());
    catalogue.words.push_back(texts[word]);
  }
  for (auto& word : words.values) word = rank[word];
  catalogue.title_words = std::move(words);
}

shards::Catalogue build_catalogue(const importing::RawCatalogue& source, importing::IdMap& users,
                                  importing::IdMap& items) {
  shards::Catalogue catalogue;
  add_users(source, users, catalogue);
  add_items(source, items, catalogue);
  add_title_words(catalogue);
  return catalogue;
}

}  // namespace nnrec::prepare
