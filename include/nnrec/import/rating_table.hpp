#pragma once

#include <cstdint>
#include <vector>

#include "nnrec/import/id_map.hpp"
#include "nnrec/import/row_places.hpp"
#include "nnrec/shards/column.hpp"

namespace nnrec::importing {

/// All ratings of a source in its order, numbered: 20 bytes a rating, 12 without times.
struct RatingTable {
  shards::Column<std::uint32_t> user;
  shards::Column<std::uint32_t> item;
  shards::Column<float> rating;
  shards::Column<std::int64_t> timestamp;  ///< Unix seconds; empty when the source has no times
  /// Rows [file_ends[i - 1], file_ends[i]) come from rating file i.
  std::vector<std::uint64_t> file_ends;

  std::uint64_t rows() const noexcept { return user.size(); }
  bool has_time() const noexcept { return !timestamp.empty(); }
};

/// A table and the ids that its numbers stand for.
struct NumberedRatings {
  /// Most sets number users and items nearly densely.
  static constexpr std::uint64_t kDirectIds = 1 << 20;

  RatingTable table;
  IdMap users{kDirectIds};
  IdMap items{kDirectIds};
  RowPlaces places;  ///< of the table as it was read: rows that a rule removes later shift it
};

}  // namespace nnrec::importing
