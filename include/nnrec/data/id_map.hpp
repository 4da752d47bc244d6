#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrec::data {

/// Numbers texts densely from 0 in the order of their first appearance.
class IdMap {
 public:
  /// The index of `id`, a new one when it is new. Throws InputError when 32 bits are full.
  std::uint32_t insert(std::string_view id);
  std::optional<std::uint32_t> find(std::string_view id) const;
  std::uint64_t size() const noexcept { return ids_.size(); }
  const std::vector<std::string>& ids() const noexcept { return ids_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> indices_;
  std::vector<std::string> ids_;
};

}  // namespace nnrec::data
