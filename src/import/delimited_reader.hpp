#pragma once

#include <memory>

#include "nnrec/import/rating_layout.hpp"
#include "nnrec/import/rating_reader.hpp"

namespace nnrec::importing {

/// Reads a text of one rating a record, its fields between separators.
std::shared_ptr<const RatingReader> read_delimited(const RatingLayout& layout);

}  // namespace nnrec::importing
