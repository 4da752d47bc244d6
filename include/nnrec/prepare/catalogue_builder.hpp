#pragma once

#include "nnrec/import/id_map.hpp"
#include "nnrec/import/raw_catalogue.hpp"
#include "nnrec/shards/catalogue.hpp"

namespace nnrec::prepare {

/// Makes the catalogue of a shard set. Rated users and items keep their numbers; those that only
/// the source's catalogue knows follow, in its order, and are added to the maps. A rated item
/// without a catalogue row (or without a title there) has its id as title.
/// Throws InputError when the source's catalogue names an id twice.
shards::Catalogue build_catalogue(const importing::RawCatalogue& source, importing::IdMap& users,
                                  importing::IdMap& items);

/// The words of all titles, with Catalogue::words ordered by falling number of occurrences.
void add_title_words(shards::Catalogue& catalogue);

}  // namespace nnrec::prepare
