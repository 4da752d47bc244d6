#pragma once

#include <memory>
#include <string>

#include "nnrec/serve/item_list.hpp"

namespace nnrec::app {

/// How lists are written, one behind the other.
class ListFormat {
 public:
  virtual ~ListFormat() = default;
  virtual std::string begin() const = 0;
  /// `number` from 0.
  virtual std::string list(const serve::ItemList& list, std::size_t number) const = 0;
  virtual std::string end() const = 0;
};

/// `name`: text, csv or json. `kind`: what the lists are of, user or item. `has_deviations`: CSV
/// has a column of them; the others show those that an item has.
std::unique_ptr<ListFormat> make_list_format(const std::string& name, const std::string& kind,
                                             bool has_deviations);

}  // namespace nnrec::app
