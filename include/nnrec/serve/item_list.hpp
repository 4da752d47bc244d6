#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/serve/top_items.hpp"
#include "nnrec/shards/catalogue.hpp"
#include "nnrec/shards/rating_scale.hpp"

namespace nnrec::serve {

/// One line of a list.
struct ListedItem {
  std::string_view id;
  std::string_view title;
  float value = 0;
  std::optional<float> deviation{};
};

/// One list: for whom or like what, and by what its order is: "model", "popular", "similarity".
struct ItemList {
  std::string_view of;
  std::string_view basis;
  std::vector<ListedItem> items;
};

/// Gives scored items their ids and titles; `clip`: a scale that values are moved into. The list
/// keeps views of its arguments and of the catalogue.
ItemList make_list(const shards::Catalogue& catalogue, std::string_view of, std::string_view basis,
                   const std::vector<ScoredItem>& items,
                   const std::optional<shards::RatingScale>& clip);

/// As a JSON object on one line. `kind`: what the list is of, user or item.
std::string list_json(const ItemList& list, std::string_view kind);
/// What a value of such a list is called: rating or similarity.
const char* value_name(std::string_view kind);

/// A float as the fewest digits that read back to the same, as a JSON number has them.
double json_number(float value);

}  // namespace nnrec::serve
