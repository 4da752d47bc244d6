#pragma once

#include "nnrec/import/rating_rules.hpp"
#include "nnrec/import/rating_table.hpp"
#include "nnrec/math/thread_team.hpp"

namespace nnrec::prepare {

/// Leaves one rating of every (user, item), the one that `rule` names, in its place; the others'
/// rows go and the table closes up. Times that are equal or missing count in file order. `mean`
/// keeps the latest row, with the mean of all values.
/// Throws InputError when a pair repeats and the rule is `error`.
void remove_duplicates(importing::NumberedRatings& ratings, importing::Duplicates rule,
                       const math::ThreadTeam& team, importing::RepairLog& repairs);

}  // namespace nnrec::prepare
