#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nnrec::train {

/// A gradient summed over rows of ratings, as the numbers lie in someone's buffer: of all dense
/// blocks, and of those rows of tables that were looked up.
template <typename Element>
struct SummedGradient {
  struct Table {
    std::size_t block = 0;  ///< of the parameters
    std::size_t cols = 0;
    std::span<const std::uint32_t> rows;  ///< each once, rising
    const Element* sums = nullptr;        ///< (rows.size(), cols), by slot; or
    const float* means = nullptr;         ///< of the batch, as a step of that alone needs them
    /// Of each row in `sums`; none: rows have them in their order.
    std::span<const std::uint32_t> slots{};

    std::span<const Element> elements() const { return {sums, rows.size() * cols}; }
    const Element* row(std::size_t i) const { return sums + (slots.empty() ? i : slots[i]) * cols; }
  };
  std::span<const Element> dense;  ///< as ParameterLayout places them; padding is 0
  std::vector<Table> tables;       ///< as Network::tables()
};

}  // namespace nnrec::train
