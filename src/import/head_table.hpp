#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/rating_layout.hpp"

namespace nnrec::importing {

/// The first records of a text, cut by one separator.
struct HeadTable {
  std::string separator;
  Quoting quoting = Quoting::none;
  std::vector<std::vector<std::string>> records;  ///< the fields of each that is not blank
  std::string first_line;                         ///< as it is written

  std::size_t fields() const { return records.front().size(); }
  /// The fields of a column in the records from `from` on that have it.
  std::vector<std::string_view> column(std::size_t column, std::size_t from) const;
};

/// Cuts by the separator that is given, or by the one that cuts the records into three fields or
/// more, as many in the first as in most others. Throws InputError when there is none, and when
/// there are two; when the given one cuts nothing, with a guess. Requires: `head` is not blank.
HeadTable cut_head(const TextHead& head, const std::string& separator, const std::string& label);

}  // namespace nnrec::importing
