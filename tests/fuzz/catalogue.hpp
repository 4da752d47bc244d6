#pragma once

#include "nnrec/import/text.hpp"
#include "nnrec/prepare/catalogue_builder.hpp"

#include "support.hpp"
#include "support/memory_files.hpp"

namespace nnrec::fuzz {

/// Reads the input as the file `name` of `format`, builds what the shard set would store, and
/// checks what is promised of it.
inline void read_catalogue(const std::uint8_t* bytes, std::size_t size, std::string_view format,
                           const std::string& name) {
  std::string text(text_of(bytes, size));
  if (!importing::is_utf8(text)) text = importing::latin1_to_utf8(text);
  allow_refusal([&] {
    const auto catalogue = testing::read_catalogue(format, {{name, text}});
    importing::IdMap users;
    importing::IdMap items;
    users.insert("1");
    items.insert("2");
    const auto built = prepare::build_catalogue(catalogue, users, items);
    require(built.item_titles.size() == items.size(), "every item has a title");
    require(built.user_ids.size() == users.size(), "every user has an id");
    for (const auto& title : built.titles) require(importing::is_utf8(title), "titles are UTF-8");
    for (const auto genre : built.item_genres.values)
      require(genre < built.genres.size(), "genres are known");
  });
}

}  // namespace nnrec::fuzz
