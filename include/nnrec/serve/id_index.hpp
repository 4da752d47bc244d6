#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrec::serve {

/// From ids as people's files have them to dense indices. Keeps views: the ids outlive it.
class IdIndex {
 public:
  explicit IdIndex(const std::vector<std::string>& ids);

  /// kUnknown where no id is the same, byte by byte.
  std::uint32_t find(std::string_view id) const;
  /// The same. Throws InputError "NOUN ID is not known", with the nearest id that is.
  std::uint32_t at(std::string_view noun, std::string_view id) const;

 private:
  const std::vector<std::string>& ids_;
  std::unordered_map<std::string_view, std::uint32_t> indices_;
};

}  // namespace nnrec::serve
