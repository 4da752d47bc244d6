#pragma once

#include "nnrec/import/catalogue_reader.hpp"
#include "nnrec/import/text.hpp"
#include "nnrec/prepare/catalogue_builder.hpp"

#include "support.hpp"

namespace nnrec::fuzz {

/// Reads the input by `parse` (of data/catalogue_reader) into `catalogue`, builds what the shard
/// set would store, and checks what is promised of it.
template <typename Parse>
void read_catalogue(const std::uint8_t* bytes, std::size_t size, const Parse& parse,
                    import::RawCatalogue catalogue = {}) {
  std::string text(text_of(bytes, size));
  if (!import::is_utf8(text)) text = import::latin1_to_utf8(text);
  allow_refusal([&] {
    parse(text, "input", catalogue);
    import::IdMap users;
    import::IdMap items;
    users.insert("1");
    items.insert("2");
    const auto built = prepare::build_catalogue(catalogue, users, items);
    require(built.item_titles.size() == items.size(), "every item has a title");
    require(built.user_ids.size() == users.size(), "every user has an id");
    for (const auto& title : built.titles) require(import::is_utf8(title), "titles are UTF-8");
    for (const auto genre : built.item_genres.values)
      require(genre < built.genres.size(), "genres are known");
  });
}

/// The genres that items of MovieLens 100K need.
inline import::RawCatalogue with_genres() {
  import::RawCatalogue catalogue;
  import::add_100k_genres(catalogue);
  return catalogue;
}

}  // namespace nnrec::fuzz
