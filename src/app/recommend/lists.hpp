#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nnrec::app {

/// One line of a list.
struct ListedItem {
  std::string_view id;
  std::string_view title;
  float value = 0;
};

/// One list: for whom or like what, and by what its order is: "model", "popular", "similarity".
struct ItemList {
  std::string_view of;
  std::string_view basis;
  std::vector<ListedItem> items;
};

/// How lists are written, one behind the other.
class ListFormat {
 public:
  virtual ~ListFormat() = default;
  virtual std::string begin() const = 0;
  /// `number` from 0.
  virtual std::string list(const ItemList& list, std::size_t number) const = 0;
  virtual std::string end() const = 0;
};

/// `name`: text, csv or json. `kind`: what the lists are of, user or item.
std::unique_ptr<ListFormat> make_list_format(const std::string& name, const std::string& kind);

}  // namespace nnrec::app
