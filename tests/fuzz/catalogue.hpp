#pragma once

#include "nnrec/data/catalogue_builder.hpp"
#include "nnrec/data/rating_source.hpp"
#include "nnrec/data/text.hpp"

#include "support.hpp"

namespace nnrec::fuzz {

/// Reads the catalogue of an ml-100k folder in which file `name` has the input's bytes, builds what
/// the shard set would store, and checks what is promised of it.
inline void read_ml_100k_catalogue(std::string_view name, std::string_view bytes) {
  static const bool made = [] {
    write_input("u.data", "1\t1\t3\t5\n2\t2\t4\t6\n");
    return true;
  }();
  require(made, "the folder is there");
  write_input(name, bytes);
  allow_refusal([] {
    data::SourceOptions options;
    options.inputs = {folder().path()};
    options.format = "ml-100k";
    const data::RatingSource source(options);
    std::vector<data::SourceFile> files;
    data::IdMap users;
    data::IdMap items;
    users.insert("1");
    items.insert("2");
    const auto catalogue = data::build_catalogue(source.read_catalogue(files), users, items);
    require(catalogue.item_titles.size() == items.size(), "every item has a title");
    for (const auto& title : catalogue.titles) require(data::is_utf8(title), "titles are UTF-8");
    for (const auto genre : catalogue.item_genres.values)
      require(genre < catalogue.genres.size(), "genres are known");
  });
}

}  // namespace nnrec::fuzz
