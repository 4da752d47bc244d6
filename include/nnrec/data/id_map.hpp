#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrec::data {

/// Numbers texts densely from 0 in the order of their first appearance; different texts stay
/// different (7 and 007). Whole numbers as one writes them take 24 bytes, other texts their own
/// length more. find() may be called by several threads while none inserts.
class IdMap {
 public:
  IdMap() = default;
  IdMap(IdMap&&) noexcept = default;
  IdMap& operator=(IdMap&&) noexcept = default;

  /// The index of `id`, a new one when it is new. Throws InputError when 32 bits are full.
  std::uint32_t insert(std::string_view id);
  std::optional<std::uint32_t> find(std::string_view id) const;
  std::uint64_t size() const noexcept { return entries_.size(); }
  std::string id(std::uint32_t index) const;
  std::vector<std::string> ids() const;
  void clear();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Slot {
    std::uint64_t number = 0;
    std::uint32_t next_index = 0;  ///< index + 1; 0: free
  };
  /// A number, or a text's place in texts_.
  struct Entry {
    std::uint64_t value;
    bool is_text;
  };

  std::size_t slot_of(std::uint64_t number) const noexcept;
  std::uint32_t add(Entry entry);
  void rehash();

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< open addressing, linear; a power of two
  std::size_t numbers_ = 0;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> text_indices_;
  std::vector<const std::string*> texts_;
};

}  // namespace nnrec::data
