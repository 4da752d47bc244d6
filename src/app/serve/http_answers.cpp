#include "http_answers.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "nnrec/base/error.hpp"
#include "nnrec/serve/item_list.hpp"

#include "app/options/model_options.hpp"
#include "asked_pairs.hpp"
#include "parameters.hpp"

namespace nnrec::app {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMostItems = 1000;
constexpr std::size_t kMostUsers = serve::Recommender::kBlockUsers;

/// A path and the methods that it takes, as Allow has them.
struct Route {
  const char* path;
  const char* methods;
};
constexpr std::array kRoutes{Route{"/recommend", "GET, HEAD"}, Route{"/similar", "GET, HEAD"},
                             Route{"/predict", "GET, HEAD, POST"}, Route{"/health", "GET, HEAD"},
                             Route{"/metrics", "GET, HEAD"}};

const Route* route_of(const std::string& path) {
  const auto found = std::ranges::find_if(kRoutes, [&](const Route& r) { return r.path == path; });
  return found == kRoutes.end() ? nullptr : &*found;
}

bool takes(const Route& route, const std::string& method) {
  const std::string methods = fmt::format(", {},", route.methods);
  return methods.find(fmt::format(", {},", method)) != std::string::npos;
}

std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::int64_t time_of(const std::optional<std::int64_t>& asked, const ServedModel& served) {
  if (!asked) return served.last_time();
  if (features::reads_times(served.model().network.columns())) {
    const std::string refusal = serve::refusal_of_time(*asked, served.facts());
    if (!refusal.empty()) throw UsageError("{}", refusal);
  }
  return *asked;
}

std::optional<shards::RatingScale> clip_of(bool clip, const serve::Model& model) {
  if (!clip) return std::nullopt;
  if (!model.set.manifest().has_scale) throw UsageError("clip: the set declares no scale");
  return model.set.manifest().scale();
}

http::Response not_found(const std::string& path) {
  return http::error_response(
      404, fmt::format("{} is not here: there are /recommend, /similar, /predict, /health and "
                       "/metrics",
                       path));
}

}  // namespace

bool HttpAnswers::is_quick(const http::Request& request) const {
  const Route* route = route_of(request.path);
  return route == nullptr || !takes(*route, request.method) || request.path == "/health" ||
         request.path == "/metrics";
}

http::Response HttpAnswers::answer(const http::Request& request, std::size_t worker) {
  const Route* route = route_of(request.path);
  if (route == nullptr) return not_found(request.path);
  if (!takes(*route, request.method)) {
    auto refusal = http::error_response(
        405, fmt::format("{} takes {}, not {}", route->path, route->methods, request.method));
    refusal.headers.emplace_back("Allow", route->methods);
    return refusal;
  }
  const std::shared_ptr<ServedModel> served = current_.get();
  if (request.path == "/health") return health(*served);
  if (request.path == "/metrics") return metrics(*served);
  http::Response response;
  if (request.path == "/recommend") response.body = recommend(request, *served, worker);
  if (request.path == "/similar") response.body = similar(request, *served);
  if (request.path == "/predict") response.body = predict(request, *served, worker);
  response.headers.emplace_back("Nnrec-Model-Step", fmt::format("{}", served->step()));
  return response;
}

std::string HttpAnswers::recommend(const http::Request& request, ServedModel& served,
                                   std::size_t worker) {
  const Parameters given(request, {"user", "top", "exclude_seen", "where", "time", "clip"});
  const auto users = given.all("user");
  const bool has_empty = std::ranges::any_of(users, &std::string::empty);
  if (users.empty() || users.size() > kMostUsers || has_empty)
    throw UsageError("give user=ID, at most {} times", kMostUsers);
  const auto& catalogue = served.model().set.catalogue();
  const auto allowed = serve::items_where(given.all("where"), catalogue);
  serve::ListWish wish;
  wish.top = static_cast<std::size_t>(given.integer("top", 1, kMostItems).value_or(10));
  constexpr auto kTimes = std::numeric_limits<std::int64_t>();
  wish.time = time_of(given.integer("time", kTimes.min(), kTimes.max()), served);
  if (!allowed.empty()) wish.allowed = &allowed;
  if (given.flag("exclude_seen")) wish.left_out = &served.seen();
  const auto clip = clip_of(given.flag("clip"), served.model());
  std::vector<std::uint32_t> indices;
  for (const std::string& user : users) indices.push_back(served.users().find(user));
  const auto lists = served.recommender().for_users(indices, wish, worker);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < users.size(); ++i) {
    const char* basis = served.recommender().basis(indices[i]);
    const auto list = serve::make_list(catalogue, users[i], basis, lists[i], clip);
    texts.push_back(serve::list_json(list, "user"));
  }
  return fmt::format("[{}]\n", fmt::join(texts, ","));
}

std::string HttpAnswers::similar(const http::Request& request, ServedModel& served) {
  const Parameters given(request, {"item", "top", "where"});
  const auto& catalogue = served.model().set.catalogue();
  const std::uint32_t item = served.recommender().item_named(given.required("item"));
  const auto allowed = serve::items_where(given.all("where"), catalogue);
  serve::ListWish wish;
  wish.top = static_cast<std::size_t>(given.integer("top", 1, kMostItems).value_or(10));
  if (!allowed.empty()) wish.allowed = &allowed;
  const auto similar = served.recommender().similar_to(item, wish);
  const auto list =
      serve::make_list(catalogue, catalogue.item_ids[item], "similarity", similar, std::nullopt);
  return fmt::format("[{}]\n", serve::list_json(list, "item"));
}

std::string HttpAnswers::predict(const http::Request& request, ServedModel& served,
                                 std::size_t worker) {
  const AskedPairs asked = asked_pairs(request);
  const auto clip = clip_of(asked.clip, served.model());
  std::vector<serve::Pair> pairs;
  for (const AskedPair& pair : asked.pairs) {
    pairs.push_back({served.users().find(pair.user), served.items().find(pair.item),
                     time_of(pair.time, served)});
  }
  std::vector<float> ratings(pairs.size());
  std::vector<serve::Exposure> exposures(pairs.size());
  std::vector<float> deviations(served.model().samples.empty() ? 0 : pairs.size());
  served.answers(worker).answer(pairs, ratings, exposures, deviations);
  ordered_json list = ordered_json::array();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const float rating =
        clip ? static_cast<float>(clip->clipped(static_cast<double>(ratings[i]))) : ratings[i];
    list.push_back({{"user", asked.pairs[i].user},
                    {"item", asked.pairs[i].item},
                    {"rating", serve::json_number(rating)},
                    {"known", serve::exposure_name(exposures[i])}});
    if (!deviations.empty() && exposures[i] == serve::Exposure::warm)
      list.back()["deviation"] = serve::json_number(deviations[i]);
  }
  return text_of({{"ratings", std::move(list)}});
}

http::Response HttpAnswers::health(const ServedModel& served) const {
  const auto& manifest = served.model().set.manifest();
  return {200, text_of({{"status", "ok"},
                        {"variant", served.model().variant},
                        {"step", served.step()},
                        {"model_digest", served.model().digest},
                        {"data_digest", manifest.digest},
                        {"users", manifest.user_count},
                        {"items", manifest.item_count}})};
}

http::Response HttpAnswers::metrics(const ServedModel& served) const {
  std::string text = metrics_.text();
  text += metric("nnrec_model_step", "gauge", "Step of the model that answers.", served.step());
  text += metric("nnrec_models_loaded_total", "counter", "Models that have answered.",
                 current_.loaded());
  text += metric("nnrec_models_refused_total", "counter", "Newer models that could not be loaded.",
                 current_.refused());
  if (server_ != nullptr) {
    text += metric("nnrec_connections", "gauge", "Open connections.", server_->connections());
    text += metric("nnrec_waiting", "gauge", "Requests that wait.", server_->waiting());
  }
  return {200, std::move(text), "text/plain; version=0.0.4"};
}

void HttpAnswers::note(const http::Request& request, unsigned status, double seconds) {
  metrics_.note(route_of(request.path) != nullptr ? request.path : "other", status, seconds);
}

}  // namespace nnrec::app
