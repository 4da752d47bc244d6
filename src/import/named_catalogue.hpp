#pragma once

#include <string>
#include <string_view>

#include "catalogue_lines.hpp"

namespace nnrec::importing {

/// The names that a column of a catalogue may have, as plain_name() has them, with blanks between;
/// the first that is there counts.
using ColumnNames = std::string_view;

/// Which columns of a table of items say what. Columns without names are left out.
struct ItemTable {
  RecordForm form;
  ColumnNames id;
  ColumnNames title;
  ColumnNames year;    ///< a year of four digits goes behind the title, as MovieLens writes it
  ColumnNames genres;  ///< several in a field
  std::string_view between_genres = "|";
};

/// Reads the items below a header. Returns their number. Throws InputError where the header has no
/// id or no title, and at a record that is too short.
std::uint64_t read_items(std::string_view text, const std::string& label, const ItemTable& table,
                         RawCatalogue& catalogue);

/// Reads users below a header of names: user, age, gender, occupation, zip code. What is empty is
/// unknown.
std::uint64_t read_users(std::string_view text, const std::string& label, const RecordForm& form,
                         RawCatalogue& catalogue);

}  // namespace nnrec::importing
