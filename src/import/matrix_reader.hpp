#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/rating_reader.hpp"

namespace nnrec::importing {

/// How a matrix of users by items is written.
struct MatrixLayout {
  std::string separator;
  char decimal = '.';
  Quoting quoting = Quoting::none;
  bool header = false;
  bool first_is_user = false;  ///< the first column has users' ids; else rows are numbered from 1
  std::size_t first_item = 0;  ///< the column of the first item
  std::vector<std::string> items;  ///< ids by column, from the first item on
  std::vector<std::string> evidence;
};

/// Finds the layout by the first records: a header of items, a first column of users, or one that
/// counts each row's ratings. Throws InputError where every cell has a value and nothing says which
/// stand for no rating.
MatrixLayout find_matrix_layout(const TextHead& head, const LayoutOptions& options,
                                const std::string& label);

/// Reads a rating a cell; empty cells are none.
std::shared_ptr<const RatingReader> read_matrix(const MatrixLayout& layout);

}  // namespace nnrec::importing
