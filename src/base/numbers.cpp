#include "nnrec/base/numbers.hpp"

#include <algorithm>
#include <array>

#include "nnrec/base/text.hpp"

namespace nnrec {
std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr std::array<Unit, 10> kUnits{{{"", 1},
                                         {"b", 1},
                                         {"kb", 1e3},
                                         {"mb", 1e6},
                                         {"gb", 1e9},
                                         {"tb", 1e12},
                                         {"kib", 0x1p10},
                                         {"mib", 0x1p20},
                                         {"gib", 0x1p30},
                                         {"tib", 0x1p40}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_number<double>(text.substr(0, digits));
  const auto* unit = std::ranges::find_if(kUnits, [&](const Unit& known) {
    return std::ranges::equal(text.substr(digits), known.name, {}, to_lower);
  });
  if (!number || unit == kUnits.end()) return std::nullopt;
  const double bytes = *number * unit->bytes;
  if (bytes >= 0x1p63) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

}  // namespace nnrec
