#include "support/tiny_data.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "nnrec/base/random.hpp"
#include "nnrec/prepare/prepare.hpp"

namespace nnrec::testing {
namespace {

constexpr std::uint64_t kSeed = 7;

/// One to four words; items 1 and 2 share a title.
std::string title_of(std::uint32_t item) {
  const auto number = item == 2 ? 1 : item;
  std::string title = fmt::format("Film{}", number);
  if (number % 2 == 1) title += ", The";
  if (number % 3 == 0) title += " Return";
  return title + fmt::format(" ({})", 1990 + number % 4);
}

std::vector<std::uint32_t> genres_of(std::uint32_t item) {
  std::vector<std::uint32_t> genres;
  for (std::uint32_t slot = 0; slot <= item % 3; ++slot) genres.push_back((item + 2 * slot) % 6);
  std::sort(genres.begin(), genres.end());
  return genres;
}

importing::RawCatalogue tiny_catalogue(std::uint32_t users, std::uint32_t items) {
  importing::RawCatalogue catalogue;
  catalogue.genres = {"Action", "Comedy", "Crime", "Drama", "Horror", "War"};
  for (std::uint32_t item = 0; item < items; ++item) {
    catalogue.items.push_back({fmt::format("i{}", item), title_of(item), genres_of(item)});
  }
  for (std::uint32_t user = 0; user < users; ++user) {
    importing::RawUser row;
    row.id = fmt::format("u{}", user);
    row.age = static_cast<float>(15 + user * 7 % 50);
    row.occupation = user % 2 == 0 ? "student" : "writer";
    row.zip = "123V"[user % 4];
    catalogue.users.push_back(std::move(row));
  }
  return catalogue;
}  // namespace

importing::NumberedRatings tiny_ratings(std::uint32_t users, std::uint32_t items,
                                        std::uint64_t ratings, TinyOrder order) {
  importing::NumberedRatings result;
  const CounterRandom random(kSeed, Purpose::synthetic, 0);
  for (std::uint64_t place = 0; place < ratings; ++place) {
    const std::uint64_t row = order == TinyOrder::forward ? place : ratings - 1 - place;
    const auto words = random.words(row);
    // The first rows name every user and item once.
    const auto user = row < users ? static_cast<std::uint32_t>(row) : words[0] % users;
    const auto item = row < items ? static_cast<std::uint32_t>(row) : words[1] % items;
    auto& table = result.table;
    table.user.push_back(result.users.insert(fmt::format("u{}", user)));
    table.item.push_back(result.items.insert(fmt::format("i{}", item)));
    table.rating.push_back(static_cast<float>(1 + (user * 3 + item * 5 + words[2] % 2) % 5));
    table.timestamp.push_back(880'000'000 + static_cast<std::int64_t>(words[3] % 10'000'000));
  }
  result.table.file_ends = {ratings};
  return result;
}  // namespace nnrec::testing

}  // namespace

shards::ShardSet make_tiny_set(const std::filesystem::path& folder, std::uint32_t users,
                               std::uint32_t items, std::uint64_t ratings, double validation,
                               TinyOrder order) {
  auto table = tiny_ratings(users, items, ratings, order);
  shards::ShardSetOptions options;
  options.folder = folder;
  options.shard_rows = std::max<std::uint64_t>(ratings / 3, 1);
  shards::ShardSetWriter writer(options);
  prepare::SplitOptions split;
  split.seed = kSeed;
  split.validation = validation;
  shards::Manifest description;
  description.source = "tiny";
  description.format = "tiny";
  prepare::write_ratings(table, tiny_catalogue(users, items), split, description, writer,
                         math::ThreadTeam(1));
  return shards::ShardSet::open(folder);
}

OwnedColumns read_part(const shards::ShardSet& set, shards::Part part) {
  const auto rows = set.manifest().rows(part);
  OwnedColumns columns;
  columns.user.resize(rows);
  columns.item.resize(rows);
  columns.rating.resize(rows);
  columns.timestamp.resize(rows);
  const shards::MutableRatingColumns all{columns.user, columns.item, columns.rating,
                                         columns.timestamp};
  std::size_t start = 0;
  for (std::size_t index = 0; index < set.manifest().shards.size(); ++index) {
    const auto& shard = set.manifest().shards[index];
    if (shard.part != part) continue;
    set.read_shard(index, all.slice(start, shard.rows), math::ThreadTeam(1));
    start += shard.rows;
  }
  return columns;
}

}  // namespace nnrec::testing
