#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "nnrec/import/column_names.hpp"
#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/rating_reader.hpp"

namespace nnrec::importing {

/// Where a rating stands in the objects of a JSON text.
struct JsonLayout {
  bool array = false;                            ///< the objects are one array's; else one a line
  std::array<std::string, kRoles.size()> names;  ///< by Role; that of the time may be empty
  std::array<std::size_t, kRoles.size()>
      columns{};  ///< their places among the first objects' names
  std::string time_format;
  std::vector<std::string> evidence;
};

/// Finds the names by the first objects, by the rules for the header of a table (find_layout).
/// Throws InputError: no object, no JSON, all in another shape (json_shape), a role that nothing
/// settles; UsageError for what only tables have. Requires: the text begins with an object, or with
/// an array of them.
JsonLayout find_json_layout(const TextHead& head, const LayoutOptions& options,
                            const std::string& label);

/// Reads a rating an object. Places count lines, or the objects of an array.
std::shared_ptr<const RatingReader> read_json(const JsonLayout& layout);

}  // namespace nnrec::importing
