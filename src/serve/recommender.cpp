#include "nnrec/serve/recommender.hpp"

#include <algorithm>
#include <string>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/serve/near_titles.hpp"
#include "nnrec/serve/similar_items.hpp"

namespace nnrec::serve {
namespace {

/// Scores of a block of users and a tile of items stay in a core's own memory (256 KiB).
constexpr std::size_t kTileItems = 1024;

/// Means drawn towards that of all, the more the fewer ratings they are of.
std::vector<float> popularity(const TrainingFacts& facts) {
  constexpr double kWeight = 10;
  std::vector<float> scores;
  for (std::size_t item = 0; item < facts.items.rows.size(); ++item) {
    scores.push_back(static_cast<float>((facts.items.sums[item] + kWeight * facts.mean) /
                                        (static_cast<double>(facts.items.rows[item]) + kWeight)));
  }
  return scores;
}

/// The genre that `condition` names, in any case.
std::uint32_t genre_of(const std::string& condition, const shards::Catalogue& catalogue) {
  constexpr std::string_view kField = "genre=";
  if (!condition.starts_with(kField)) throw UsageError("where {} is not genre=NAME", condition);
  const std::string name = condition.substr(kField.size());
  if (catalogue.genres.empty()) throw InputError("where {}: the set has no genres", condition);
  const auto found = std::ranges::find(catalogue.genres, lower_case(name), lower_case);
  if (found == catalogue.genres.end())
    throw UsageError("where genre={}", not_one_of(name, catalogue.genres));
  return static_cast<std::uint32_t>(found - catalogue.genres.begin());
}

}  // namespace

Recommender::Recommender(const Model& model, const TrainingFacts& facts,
                         const math::ThreadTeam& team)
    : model_(model),
      facts_(facts),
      scores_(model, facts, team),
      item_ids_(model.set.catalogue().item_ids),
      places_(id_places(model.set.catalogue().item_ids)),
      cold_(scores_.cold_items().begin(), scores_.cold_items().end()),
      popular_(popularity(facts)),
      rooms_(static_cast<std::size_t>(team.size())) {
  std::ranges::sort(cold_, {}, [&](std::uint32_t item) { return places_[item]; });
}

std::vector<std::vector<ScoredItem>> Recommender::for_users(std::span<const std::uint32_t> users,
                                                            const ListWish& wish,
                                                            std::size_t thread) {
  const std::size_t items = places_.size();
  std::vector<TopItems> lists;
  std::vector<std::uint32_t> known;
  std::vector<std::size_t> known_lists;
  for (const std::uint32_t user : users) {
    ItemFilter filter{{}, wish.allowed};
    if (wish.left_out != nullptr) filter.excluded = wish.left_out->of(user);
    if (facts_.users.has(user)) {
      known.push_back(user);
      known_lists.push_back(lists.size());
    }
    lists.emplace_back(std::min(wish.top, items), filter, places_);
    if (!facts_.users.has(user)) lists.back().add(0, popular_);
  }
  math::AlignedVector<float>& room = rooms_[thread];
  room.resize(known.size() * kTileItems);
  for (std::size_t first = 0; first < items && !known.empty(); first += kTileItems) {
    const math::Matrix tile{room.data(), known.size(), std::min(kTileItems, items - first),
                            kTileItems};
    scores_.score_warm(known, wish.time, first, thread, tile);
    for (std::size_t i = 0; i < known.size(); ++i)
      lists[known_lists[i]].add(static_cast<std::uint32_t>(first), {tile.row(i), tile.cols});
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    const auto mean = static_cast<float>(facts_.user_item_mean(known[i], kUnknown));
    lists[known_lists[i]].add_equal(cold_, mean);
  }
  std::vector<std::vector<ScoredItem>> taken;
  for (auto& list : lists) taken.push_back(list.take());
  for (std::size_t i = 0; i < known.size(); ++i)
    make_exact(known[i], wish, thread, taken[known_lists[i]]);
  return taken;
}

void Recommender::make_exact(std::uint32_t user, const ListWish& wish, std::size_t thread,
                             std::vector<ScoredItem>& list) {
  scores_.exact(user, wish.time, thread, list);
  std::ranges::sort(list, [this](const ScoredItem& a, const ScoredItem& b) {
    return comes_first(a, b, places_);
  });
}

std::vector<ScoredItem> Recommender::similar_to(std::uint32_t item, const ListWish& wish) const {
  const auto alike = similarities(model_, facts_, item);
  const auto& titles = model_.set.catalogue().item_titles;
  std::vector<bool> allowed(alike.size(), true);
  if (wish.allowed != nullptr) allowed = *wish.allowed;
  for (std::uint32_t other = 0; other < alike.size(); ++other)
    if (titles[other] == titles[item] || !facts_.items.has(other)) allowed[other] = false;
  TopItems similar(std::min(wish.top, alike.size()), {{}, &allowed}, places_);
  similar.add(0, alike);
  return similar.take();
}

std::uint32_t Recommender::item_named(std::string_view name) const {
  const std::uint32_t item = item_ids_.find(name);
  if (item != kUnknown) return item;
  const shards::Catalogue& catalogue = model_.set.catalogue();
  const auto title = std::ranges::find(catalogue.titles, name);
  if (title == catalogue.titles.end()) {
    const auto near = near_titles(name, catalogue.titles, 3);
    if (near.empty()) return item_ids_.at("item", name);
    throw InputError("item {} is not known (did you mean '{}'?)", name, fmt::join(near, "' or '"));
  }
  const auto number = static_cast<std::uint32_t>(title - catalogue.titles.begin());
  return static_cast<std::uint32_t>(std::ranges::find(catalogue.item_titles, number) -
                                    catalogue.item_titles.begin());
}

std::vector<bool> items_where(std::span<const std::string> conditions,
                              const shards::Catalogue& catalogue) {
  std::vector<bool> allowed;
  for (const std::string& condition : conditions) {
    const std::uint32_t genre = genre_of(condition, catalogue);
    allowed.resize(catalogue.item_ids.size(), true);
    for (std::size_t item = 0; item < allowed.size(); ++item) {
      const auto* begin = catalogue.item_genres.values.data();
      const auto* last = begin + catalogue.item_genres.offsets[item + 1];
      if (std::find(begin + catalogue.item_genres.offsets[item], last, genre) == last)
        allowed[item] = false;
    }
  }
  return allowed;
}

}  // namespace nnrec::serve
