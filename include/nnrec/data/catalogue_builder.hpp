#pragma once

#include "nnrec/data/catalogue.hpp"
#include "nnrec/data/id_map.hpp"
#include "nnrec/data/raw_catalogue.hpp"

namespace nnrec::data {

/// Makes the catalogue of a shard set. Rated users and items keep their numbers; those that only
/// the source's catalogue knows follow, in its order, and are added to the maps. A rated item
/// without a catalogue row (or without a title there) has its id as title.
/// Throws InputError when the source's catalogue names an id twice.
Catalogue build_catalogue(const RawCatalogue& source, IdMap& users, IdMap& items);

/// The words of all titles, with Catalogue::words ordered by falling number of occurrences.
void add_title_words(Catalogue& catalogue);

}  // namespace nnrec::data
