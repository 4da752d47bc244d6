#pragma once

#include "nnrec/import/rating_rules.hpp"
#include "nnrec/import/rating_table.hpp"

namespace nnrec::importing {

/// A data frame that has held a missing value writes its ids 7 as 7.0. Where all ids of a column
/// are whole numbers, 7.0 becomes 7, over all files, and that is a repair. Where they are not, an
/// id that stands there in both ways is a warning; so is one that stands there with zeros in front
/// (0439886341) and without, and a word among whole numbers. Order of first appearance is kept.
void settle_whole_ids(NumberedRatings& ratings, RepairLog& repairs);

}  // namespace nnrec::importing
