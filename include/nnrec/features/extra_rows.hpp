#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "nnrec/features/batch.hpp"
#include "nnrec/shards/catalogue.hpp"

namespace nnrec::features {

inline constexpr std::size_t kAgeBins = 10;
inline constexpr std::size_t kYearBins = 18;

/// The year that a title ends with in brackets, as in "Heat (1995)"; 0: none.
std::uint32_t title_year(std::string_view title);

/// Table rows of the columns that say something of a user or an item: bins of equal numbers of
/// users or titles, counted from 1, and lists. They depend on the catalogue alone, on no rating.
/// A column that the catalogue does not have is empty.
struct ExtraRows {
  explicit ExtraRows(const shards::Catalogue& catalogue);

  // By user:
  std::vector<std::uint32_t> age_bin;
  std::vector<std::uint32_t> gender;  ///< 1: F, 2: M
  std::vector<std::uint32_t> occupation;
  std::vector<std::uint32_t> zip;  ///< first characters of zip codes, in their order
  // By title:
  std::vector<std::uint32_t> year_bin;
  shards::ListColumn repeated_words;
  // By item:
  shards::ListColumn genres;

  std::size_t occupation_rows = 1;
  std::size_t zip_rows = 1;
  std::size_t word_rows = 1;
  std::size_t genre_rows = 1;
};

}  // namespace nnrec::features
