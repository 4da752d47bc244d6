#include "nnrec/serve/item_list.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nnrec::serve {

ItemList make_list(const shards::Catalogue& catalogue, std::string_view of, std::string_view basis,
                   const std::vector<ScoredItem>& items,
                   const std::optional<shards::RatingScale>& clip) {
  ItemList list{of, basis, {}};
  for (const auto& [item, score, deviation] : items) {
    const float value =
        clip ? static_cast<float>(clip->clipped(static_cast<double>(score))) : score;
    list.items.push_back({catalogue.item_ids[item], catalogue.titles[catalogue.item_titles[item]],
                          value, deviation});
  }
  return list;
}

const char* value_name(std::string_view kind) {
  return kind == "user" ? "rating" : "similarity";
}

double json_number(float value) {
  return std::stod(fmt::format("{}", value));
}

std::string list_json(const ItemList& list, std::string_view kind) {
  using nlohmann::ordered_json;
  ordered_json items = ordered_json::array();
  for (const ListedItem& item : list.items) {
    ordered_json listed{{"item", item.id}, {value_name(kind), json_number(item.value)}};
    if (item.deviation) listed["deviation"] = json_number(*item.deviation);
    listed["title"] = item.title;
    items.push_back(std::move(listed));
  }
  const ordered_json object{{kind == "user" ? "user" : "similar_to", list.of},
                            {"basis", list.basis},
                            {"items", std::move(items)}};
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace nnrec::serve
