#pragma once

#include <string>

#include "nnrec/base/sha256.hpp"
#include "nnrec/shards/shard_set.hpp"

namespace nnrec::shards {

/// Digests of values, by the grammar of data/FORMAT.md ("The data digest"): the same for equal
/// values, however they are packed, cut into files and named.

/// Of the rows of one block, all columns but the titles; no timestamps: the set has none.
Sha256Digest block_digest(const RatingColumns& rows);

/// Of a whole set, in hexadecimal: of its blocks' digests, not of their rows.
std::string data_digest(const Manifest& manifest, const Catalogue& catalogue);

}  // namespace nnrec::shards
