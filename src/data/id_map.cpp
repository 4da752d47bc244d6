#include "nnrec/data/id_map.hpp"

#include <limits>

#include "nnrec/base/error.hpp"

namespace nnrec::data {

std::uint32_t IdMap::insert(std::string_view id) {
  const auto found = indices_.find(id);
  if (found != indices_.end()) return found->second;
  if (ids_.size() == std::numeric_limits<std::uint32_t>::max()) {
    throw InputError("there are more than {} different ids. Split the data set.", ids_.size());
  }
  const auto index = static_cast<std::uint32_t>(ids_.size());
  ids_.emplace_back(id);
  indices_.emplace(ids_.back(), index);
  return index;
}

std::optional<std::uint32_t> IdMap::find(std::string_view id) const {
  const auto found = indices_.find(id);
  if (found == indices_.end()) return std::nullopt;
  return found->second;
}

}  // namespace nnrec::data
