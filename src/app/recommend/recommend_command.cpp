#include "nnrec/app/recommend_command.hpp"

#include <algorithm>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/io/text_output.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/id_index.hpp"
#include "nnrec/serve/item_scores.hpp"
#include "nnrec/serve/seen_items.hpp"
#include "nnrec/serve/similar_items.hpp"
#include "nnrec/serve/top_items.hpp"

#include "app/options/model_options.hpp"
#include "lists.hpp"
#include "recommend_options.hpp"

namespace nnrec::app {
namespace {

using shards::Part;

/// Scores of a block of users and a tile of items stay in a core's own memory (256 KiB).
constexpr std::size_t kBlockUsers = 64;
constexpr std::size_t kTileItems = 1024;

/// The genre that `condition` names, in any case.
std::uint32_t genre_of(const std::string& condition, const shards::Catalogue& catalogue) {
  constexpr std::string_view kField = "genre=";
  if (!condition.starts_with(kField)) throw UsageError("--where {} is not genre=NAME", condition);
  const std::string name = condition.substr(kField.size());
  if (catalogue.genres.empty()) throw InputError("--where {}: the set has no genres", condition);
  const auto found = std::ranges::find(catalogue.genres, lower_case(name), lower_case);
  if (found == catalogue.genres.end())
    throw UsageError("--where genre={}", not_one_of(name, catalogue.genres));
  return static_cast<std::uint32_t>(found - catalogue.genres.begin());
}

/// By item, whether it has all the genres; empty without conditions.
std::vector<bool> items_where(const std::vector<std::string>& conditions,
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

/// Who is recommended to.
struct Asked {
  std::string id;
  std::uint32_t index = serve::kUnknown;
};

class Recommender {
 public:
  Recommender(const RecommendOptions& options, const serve::Model& model,
              const math::ThreadTeam& team)
      : options_(options),
        model_(model),
        catalogue_(model.set.catalogue()),
        team_(team),
        facts_(serve::read_training_facts(model.set, team)),
        places_(serve::id_places(catalogue_.item_ids)),
        allowed_(items_where(options.where, catalogue_)),
        filter_{{}, allowed_.empty() ? nullptr : &allowed_},
        top_(std::min(static_cast<std::size_t>(options.top), catalogue_.item_ids.size())) {}

  /// What lists for users are made of.
  struct UserScores {
    serve::ItemScores of_items;
    std::vector<float> popular;
    std::optional<serve::SeenItems> seen;  ///< where what is seen is left out
    std::int64_t time;
    std::vector<math::AlignedVector<float>> rooms;  ///< a thread each
  };

  void write_users(io::TextOutput& output, Log& log) const;
  void write_similar(io::TextOutput& output) const;

 private:
  std::vector<std::vector<serve::ScoredItem>> list_block(std::span<const Asked> users,
                                                         UserScores& scores,
                                                         std::size_t thread) const;
  void make_exact(std::uint32_t user, UserScores& scores, std::size_t thread,
                  std::vector<serve::ScoredItem>& list) const;
  std::vector<Asked> asked() const;
  std::vector<float> popularity() const;
  std::uint32_t item_named(const std::string& name) const;
  ItemList list_of(std::string_view of, std::string_view basis,
                   const std::vector<serve::ScoredItem>& items) const;

  const RecommendOptions& options_;
  const serve::Model& model_;
  const shards::Catalogue& catalogue_;
  const math::ThreadTeam& team_;
  serve::TrainingFacts facts_;
  std::vector<std::uint32_t> places_;
  std::vector<bool> allowed_;
  serve::ItemFilter filter_;
  std::size_t top_;
};

std::vector<Asked> Recommender::asked() const {
  std::vector<Asked> all;
  if (options_.all_users) {
    for (std::uint32_t user = 0; user < model_.set.manifest().rated_user_count; ++user)
      all.push_back({catalogue_.user_ids[user], user});
    const auto places = serve::id_places(catalogue_.user_ids);
    std::ranges::sort(all, {}, [&](const Asked& user) { return places[user.index]; });
    return all;
  }
  const serve::IdIndex index(catalogue_.user_ids);
  for (const std::string& id : options_.users) all.push_back({id, index.find(id)});
  return all;
}

/// Means drawn towards that of all, the more the fewer ratings they are of.
std::vector<float> Recommender::popularity() const {
  constexpr double kWeight = 10;
  std::vector<float> scores;
  for (std::size_t item = 0; item < facts_.items.rows.size(); ++item) {
    scores.push_back(static_cast<float>((facts_.items.sums[item] + kWeight * facts_.mean) /
                                        (static_cast<double>(facts_.items.rows[item]) + kWeight)));
  }
  return scores;
}

ItemList Recommender::list_of(std::string_view of, std::string_view basis,
                              const std::vector<serve::ScoredItem>& items) const {
  const shards::Manifest& manifest = model_.set.manifest();
  ItemList list{of, basis, {}};
  for (const auto& [item, score] : items) {
    const float value = options_.clip ? clipped(score, manifest) : score;
    list.items.push_back(
        {catalogue_.item_ids[item], catalogue_.titles[catalogue_.item_titles[item]], value});
  }
  return list;
}

/// Lists of a block of users, made by one thread: a tile of items is scored for all of them before
/// the next, so that it stays near the processor.
std::vector<std::vector<serve::ScoredItem>> Recommender::list_block(std::span<const Asked> users,
                                                                    UserScores& scores,
                                                                    std::size_t thread) const {
  std::vector<serve::TopItems> lists;
  std::vector<std::uint32_t> known;
  std::vector<std::size_t> known_lists;
  for (const Asked& user : users) {
    serve::ItemFilter filter = filter_;
    if (scores.seen) filter.excluded = scores.seen->of(user.index);
    if (facts_.users.has(user.index)) {
      known.push_back(user.index);
      known_lists.push_back(lists.size());
    }
    lists.emplace_back(top_, filter, places_);
    if (!facts_.users.has(user.index)) lists.back().add(0, scores.popular);
  }
  math::AlignedVector<float>& room = scores.rooms[thread];
  room.resize(known.size() * kTileItems);
  const std::size_t items = catalogue_.item_ids.size();
  for (std::size_t first = 0; first < items && !known.empty(); first += kTileItems) {
    const math::Matrix tile{room.data(), known.size(), std::min(kTileItems, items - first),
                            kTileItems};
    scores.of_items.score(known, scores.time, first, thread, tile);
    for (std::size_t i = 0; i < known.size(); ++i)
      lists[known_lists[i]].add(static_cast<std::uint32_t>(first), {tile.row(i), tile.cols});
  }
  std::vector<std::vector<serve::ScoredItem>> taken;
  for (auto& list : lists) taken.push_back(list.take());
  for (std::size_t i = 0; i < known.size(); ++i)
    make_exact(known[i], scores, thread, taken[known_lists[i]]);
  return taken;
}

void Recommender::make_exact(std::uint32_t user, UserScores& scores, std::size_t thread,
                             std::vector<serve::ScoredItem>& list) const {
  scores.of_items.exact(user, scores.time, thread, list);
  serve::TopItems order(top_, {}, places_);
  for (const auto& scored : list) order.add(scored.item, std::span(&scored.score, 1));
  list = order.take();
}

void Recommender::write_users(io::TextOutput& output, Log& log) const {
  const auto users = asked();
  const auto format = make_list_format(options_.format, "user");
  UserScores scores{
      {model_, facts_, team_},
      popularity(),
      std::nullopt,
      options_.at.value_or(facts_.last_time),
      std::vector<math::AlignedVector<float>>(static_cast<std::size_t>(team_.size()))};
  if (options_.exclude_seen)
    scores.seen.emplace(model_.set,
                        std::initializer_list{Part::train, Part::validation, Part::test}, team_);
  const Stopwatch watch;
  std::vector<std::string> texts(team_.slots());
  output.write(format->begin());
  team_.make_in_order((users.size() + kBlockUsers - 1) / kBlockUsers,
                      [&](std::size_t block, std::size_t slot, std::size_t thread) {
                        const std::size_t first = block * kBlockUsers;
                        const auto part = std::span(users).subspan(
                            first, std::min(kBlockUsers, users.size() - first));
                        const auto lists = list_block(part, scores, thread);
                        texts[slot].clear();
                        for (std::size_t i = 0; i < part.size(); ++i) {
                          const char* basis = facts_.users.has(part[i].index) ? "model" : "popular";
                          texts[slot] +=
                              format->list(list_of(part[i].id, basis, lists[i]), first + i);
                        }
                      },
                      [&](std::size_t, std::size_t slot) { output.write(texts[slot]); });
  output.write(format->end());
  log.print("{} lists of at most {} in {:.3f} s", users.size(), options_.top, watch.seconds());
}

/// By its id, else by its whole title.
std::uint32_t Recommender::item_named(const std::string& name) const {
  const serve::IdIndex index(catalogue_.item_ids);
  const std::uint32_t item = index.find(name);
  if (item != serve::kUnknown) return item;
  const auto title = std::ranges::find(catalogue_.titles, name);
  if (title == catalogue_.titles.end()) {
    const std::string near = nearest_name(name, catalogue_.titles);
    if (near.empty()) return index.at("item", name);
    throw InputError("item {} is not known (did you mean {}?)", name, near);
  }
  const auto number = static_cast<std::uint32_t>(title - catalogue_.titles.begin());
  return static_cast<std::uint32_t>(std::ranges::find(catalogue_.item_titles, number) -
                                    catalogue_.item_titles.begin());
}

/// Others only: neither the item itself, nor what training did not see.
void Recommender::write_similar(io::TextOutput& output) const {
  const std::uint32_t item = item_named(options_.similar_to);
  const auto alike = serve::similarities(model_, facts_, item);
  std::vector<bool> allowed = allowed_;
  allowed.resize(alike.size(), true);
  for (std::uint32_t other = 0; other < alike.size(); ++other) {
    const bool is_same = catalogue_.item_titles[other] == catalogue_.item_titles[item];
    if (is_same || !facts_.items.has(other)) allowed[other] = false;
  }
  serve::TopItems similar(top_, {{}, &allowed}, places_);
  similar.add(0, alike);
  const auto format = make_list_format(options_.format, "item");
  const std::string of = fmt::format("{} {}", catalogue_.item_ids[item],
                                     catalogue_.titles[catalogue_.item_titles[item]]);
  const bool is_text = options_.format == "text";
  const auto list = list_of(is_text ? of : catalogue_.item_ids[item], "similarity", similar.take());
  output.write(format->begin() + format->list(list, 0) + format->end());
}

}  // namespace

void recommend_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log) {
  Log help(console);
  const auto options = parse_recommend_options(arguments, help);
  if (!options) return;
  const math::ThreadTeam team(options->threads);
  const auto source = run::find_model(options->run, options->variant, log);
  const auto model = run::load_model(source, run::open_training_set(source, options->data));
  if (options->clip) require_scale(model.set.manifest());
  const Recommender recommender(*options, model, team);
  io::TextOutput output(options->output, console);
  if (options->similar_to.empty()) {
    recommender.write_users(output, log);
  } else {
    recommender.write_similar(output);
  }
  output.close();
}

}  // namespace nnrec::app
