#include "nnrec/serve/id_index.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/serve/training_facts.hpp"

namespace nnrec::serve {

IdIndex::IdIndex(const std::vector<std::string>& ids) : ids_(ids) {
  indices_.reserve(ids.size());
  for (std::size_t index = 0; index < ids.size(); ++index) {
    indices_.emplace(ids[index], static_cast<std::uint32_t>(index));
  }
}

std::uint32_t IdIndex::find(std::string_view id) const {
  const auto found = indices_.find(id);
  return found == indices_.end() ? kUnknown : found->second;
}

std::uint32_t IdIndex::at(std::string_view noun, std::string_view id) const {
  const std::uint32_t index = find(id);
  if (index != kUnknown) return index;
  throw InputError("{} {} is not known{}: give an id as the source of the data writes it", noun, id,
                   did_you_mean(id, ids_));
}

}  // namespace nnrec::serve
