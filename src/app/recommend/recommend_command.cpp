#include "nnrec/app/recommend_command.hpp"

#include <algorithm>
#include <optional>

#include "nnrec/base/stopwatch.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/io/text_output.hpp"
#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/open_model.hpp"
#include "nnrec/serve/id_index.hpp"
#include "nnrec/serve/recommender.hpp"

#include "app/options/model_options.hpp"
#include "lists.hpp"
#include "recommend_options.hpp"

namespace nnrec::app {
namespace {

using shards::Part;

/// Who is recommended to.
struct Asked {
  std::string id;
  std::uint32_t index = serve::kUnknown;
};

/// Writes what the options ask for.
class ListWriter {
 public:
  ListWriter(const RecommendOptions& options, const serve::Model& model,
             const math::ThreadTeam& team)
      : options_(options),
        model_(model),
        catalogue_(model.set.catalogue()),
        team_(team),
        facts_(serve::read_training_facts(model.set, team)),
        recommender_(model, facts_, team),
        allowed_(serve::items_where(options.where, catalogue_)) {
    wish_.top = static_cast<std::size_t>(options.top);
    if (options.at) require_times(*options.at, facts_, {&model});
    wish_.time = options.at.value_or(facts_.last_time);
    if (!allowed_.empty()) wish_.allowed = &allowed_;
    if (options.clip) clip_ = model.set.manifest().scale();
  }

  void write_users(io::TextOutput& output, Log& log);
  void write_similar(io::TextOutput& output) const;

 private:
  std::vector<Asked> asked(Log& log) const;
  std::string text_of(std::span<const Asked> users, std::size_t first, const ListFormat& format,
                      std::size_t thread);

  const RecommendOptions& options_;
  const serve::Model& model_;
  const shards::Catalogue& catalogue_;
  const math::ThreadTeam& team_;
  serve::TrainingFacts facts_;
  serve::Recommender recommender_;
  std::vector<bool> allowed_;
  serve::ListWish wish_;
  std::optional<shards::RatingScale> clip_;
};

/// Warns of "196,22" where 196 and 22 are ids.
void doubt_id(const std::string& id, const serve::IdIndex& known, Log& log) {
  auto parts = split(id, ',');
  if (parts.back().empty()) parts.pop_back();
  const auto is_known = [&](std::string_view part) { return known.find(part) != serve::kUnknown; };
  if (parts.size() > 1 && std::ranges::all_of(parts, is_known)) {
    log.warn("user {} is not known, but {} are: give --user once for each", id,
             fmt::join(parts, " and "));
  }
}

std::vector<Asked> ListWriter::asked(Log& log) const {
  std::vector<Asked> all;
  if (options_.all_users) {
    for (std::uint32_t user = 0; user < model_.set.manifest().rated_user_count; ++user)
      all.push_back({catalogue_.user_ids[user], user});
    const auto places = serve::id_places(catalogue_.user_ids);
    std::ranges::sort(all, {}, [&](const Asked& user) { return places[user.index]; });
    return all;
  }
  const serve::IdIndex index(catalogue_.user_ids);
  for (const std::string& id : options_.users) {
    all.push_back({id, index.find(id)});
    if (all.back().index == serve::kUnknown) doubt_id(id, index, log);
  }
  return all;
}

/// `first`: the number of the first of these lists.
std::string ListWriter::text_of(std::span<const Asked> users, std::size_t first,
                                const ListFormat& format, std::size_t thread) {
  std::vector<std::uint32_t> indices;
  for (const Asked& user : users) indices.push_back(user.index);
  const auto lists = recommender_.for_users(indices, wish_, thread);
  std::string text;
  for (std::size_t i = 0; i < users.size(); ++i) {
    const char* basis = recommender_.basis(users[i].index);
    text +=
        format.list(serve::make_list(catalogue_, users[i].id, basis, lists[i], clip_), first + i);
  }
  return text;
}

void ListWriter::write_users(io::TextOutput& output, Log& log) {
  constexpr std::size_t kBlock = serve::Recommender::kBlockUsers;
  const auto users = asked(log);
  const auto format = make_list_format(options_.format, "user", !model_.samples.empty());
  std::optional<serve::SeenItems> seen;
  if (options_.exclude_seen) {
    seen.emplace(model_.set, std::initializer_list<Part>{Part::train, Part::validation, Part::test},
                 team_);
    wish_.left_out = &*seen;
  }
  const Stopwatch watch;
  std::vector<std::string> texts(team_.slots());
  output.write(format->begin());
  team_.make_in_order((users.size() + kBlock - 1) / kBlock,
                      [&](std::size_t block, std::size_t slot, std::size_t thread) {
                        const std::size_t first = block * kBlock;
                        const auto part =
                            std::span(users).subspan(first, std::min(kBlock, users.size() - first));
                        texts[slot] = text_of(part, first, *format, thread);
                      },
                      [&](std::size_t, std::size_t slot) { output.write(texts[slot]); });
  output.write(format->end());
  log.print("{} lists of at most {} in {:.3f} s", users.size(), options_.top, watch.seconds());
}

void ListWriter::write_similar(io::TextOutput& output) const {
  const std::uint32_t item = recommender_.item_named(options_.similar_to);
  const auto similar = recommender_.similar_to(item, wish_);
  const auto format = make_list_format(options_.format, "item", false);
  const std::string& id = catalogue_.item_ids[item];
  const std::string of =
      options_.format == "text"
          ? fmt::format("{} {}", id, catalogue_.titles[catalogue_.item_titles[item]])
          : id;
  output.write(format->begin() +
               format->list(serve::make_list(catalogue_, of, "similarity", similar, clip_), 0) +
               format->end());
}

}  // namespace

void recommend_command(const std::vector<std::string>& arguments, std::FILE* console, Log& log) {
  Log help(console);
  const auto options = parse_recommend_options(arguments, help);
  if (!options) return;
  run::require_not_kept("--output", options->output);
  const math::ThreadTeam team(options->threads);
  auto source = run::find_model(options->run, options->variant, log);
  auto model = run::load_present_model(source, run::open_training_set(source, options->data), log);
  if (options->clip) require_scale(model.set.manifest());
  ListWriter writer(*options, model, team);
  io::TextOutput output(options->output, console);
  if (options->similar_to.empty()) {
    writer.write_users(output, log);
  } else {
    writer.write_similar(output);
  }
  output.close();
}

}  // namespace nnrec::app
