#include "nnrec/import/id_map.hpp"

#include <bit>
#include <limits>

#include "nnrec/base/error.hpp"

namespace nnrec::importing {
namespace {

constexpr std::size_t kFirstSlots = 64;
/// Every number of so many digits fits in 64 bits.
constexpr std::size_t kMostDigits = 19;

/// The number that `id` is, when writing the number gives `id` again.
bool canonical_number(std::string_view id, std::uint64_t& number) noexcept {
  if (id.empty() || id.size() > kMostDigits || (id[0] == '0' && id.size() > 1)) return false;
  number = 0;
  for (const char c : id) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(c)) - '0';
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  return true;
}

}  // namespace

std::uint32_t IdMap::add(Entry entry) {
  if (entries_.size() >= std::numeric_limits<std::uint32_t>::max() - 1) {
    throw InputError("there are more than {} different ids. Split the data set.", entries_.size());
  }
  entries_.push_back(entry);
  return static_cast<std::uint32_t>(entries_.size() - 1);
}

void IdMap::rehash() {
  const auto old = std::move(slots_);
  slots_.assign(old.empty() ? kFirstSlots : old.size() * 2, {});
  shift_ = std::countl_zero(slots_.size()) + 1;
  for (const auto& slot : old) {
    if (slot.next_index != 0) slots_[slot_of(slot.number)] = slot;
  }
}

std::uint32_t IdMap::insert(std::uint64_t number) {
  if (number < direct_numbers_) {
    if (number >= direct_.size()) direct_.resize(std::bit_ceil(number + 1), 0);
    auto& next_index = direct_[number];
    if (next_index == 0) next_index = add({number, false}) + 1;
    return next_index - 1;
  }
  if ((numbers_ + 1) * 2 > slots_.size()) rehash();
  auto& slot = slots_[slot_of(number)];
  if (slot.next_index == 0) {
    slot = {number, add({number, false}) + 1};
    ++numbers_;
  }
  return slot.next_index - 1;
}

std::uint32_t IdMap::insert(std::string_view id) {
  std::uint64_t number = 0;
  if (canonical_number(id, number)) return insert(number);
  const auto found = text_indices_.find(id);
  if (found != text_indices_.end()) return found->second;
  const auto index = add({texts_.size(), true});
  texts_.push_back(&text_indices_.emplace(id, index).first->first);
  return index;
}

std::uint32_t IdMap::insert(const IdMap& other, std::uint32_t index) {
  const auto& entry = other.entries_[index];
  return entry.is_text ? insert(std::string_view(*other.texts_[entry.value])) : insert(entry.value);
}

std::optional<std::uint32_t> IdMap::find(std::string_view id) const {
  std::uint64_t number = 0;
  if (canonical_number(id, number)) return find(number);
  const auto found = text_indices_.find(id);
  if (found == text_indices_.end()) return std::nullopt;
  return found->second;
}

std::string IdMap::id(std::uint32_t index) const {
  const auto& entry = entries_[index];
  return entry.is_text ? *texts_[entry.value] : std::to_string(entry.value);
}

std::vector<std::string> IdMap::ids() const {
  std::vector<std::string> ids;
  ids.reserve(entries_.size());
  for (std::uint32_t index = 0; index < entries_.size(); ++index) ids.push_back(id(index));
  return ids;
}

void IdMap::clear() {
  if (numbers_ > 0) slots_.assign(slots_.size(), {});
  numbers_ = 0;
  direct_.clear();
  entries_.clear();
  text_indices_.clear();
  texts_.clear();
}

}  // namespace nnrec::importing
