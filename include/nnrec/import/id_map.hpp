#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nnrec::importing {

/// Numbers texts densely from 0 in the order of their first appearance; different texts stay
/// different (7 and 007). Whole numbers as one writes them take 24 bytes, other texts their own
/// length more. find() may be called by several threads while none inserts.
class IdMap {
 public:
  IdMap() = default;
  /// Numbers below `direct_numbers` are found without a search, for up to four bytes each.
  explicit IdMap(std::uint64_t direct_numbers) : direct_numbers_(direct_numbers) {}
  IdMap(IdMap&&) noexcept = default;
  IdMap& operator=(IdMap&&) noexcept = default;

  /// The index of `id`, a new one when it is new. Throws InputError when 32 bits are full.
  std::uint32_t insert(std::string_view id);
  std::optional<std::uint32_t> find(std::string_view id) const;
  /// Of the id that one writes as this number.
  std::uint32_t insert(std::uint64_t number);
  std::optional<std::uint32_t> find(std::uint64_t number) const noexcept {
    std::uint32_t next_index = 0;
    if (number < direct_numbers_) {
      if (number < direct_.size()) next_index = direct_[number];
    } else if (!slots_.empty()) {
      next_index = slots_[slot_of(number)].next_index;
    }
    return next_index == 0 ? std::nullopt : std::optional(next_index - 1);
  }
  /// Of the id that `other` has at `index`.
  std::uint32_t insert(const IdMap& other, std::uint32_t index);
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

  /// The slot that holds `number`, or the free one where it belongs. The high bits of the product
  /// place neighbouring numbers far apart (Knuth, The Art of Computer Programming 3, 6.4).
  std::size_t slot_of(std::uint64_t number) const noexcept {
    const auto mask = slots_.size() - 1;
    auto at = static_cast<std::size_t>((number * 0x9E3779B97F4A7C15U) >> shift_);
    while (slots_[at].next_index != 0 && slots_[at].number != number) at = (at + 1) & mask;
    return at;
  }
  std::uint32_t add(Entry entry);
  void rehash();

  std::vector<Entry> entries_;
  std::uint64_t direct_numbers_ = 0;
  std::vector<std::uint32_t> direct_;  ///< by number, index + 1; 0: none
  std::vector<Slot> slots_;            ///< open addressing, linear; a power of two
  int shift_ = 64;                     ///< of 64 bits, to as many as number the slots
  std::size_t numbers_ = 0;
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> text_indices_;
  std::vector<const std::string*> texts_;
};

}  // namespace nnrec::importing
