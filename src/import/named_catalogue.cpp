#include "named_catalogue.hpp"

#include <algorithm>
#include <optional>

#include "nnrec/import/column_names.hpp"

namespace nnrec::importing {
namespace {

using Column = std::optional<std::size_t>;

Column find_column(const CatalogueLine& header, ColumnNames names) {
  Fields each(" ");
  each.cut(names);
  for (const auto name : each.all()) {
    for (std::size_t column = 0; column < header.fields.size(); ++column) {
      if (plain_name(header[column]) == name) return column;
    }
  }
  return std::nullopt;
}

std::size_t require_column(const CatalogueLine& header, ColumnNames names) {
  if (const auto column = find_column(header, names)) return *column;
  throw InputError("{}:{}: no column has one of the names {}. Correct the header.", header.label,
                   header.number, names);
}

/// What a record has in a column; nothing without one.
std::string_view field(const CatalogueLine& line, const Column& column) {
  return column && *column < line.fields.size() ? line[*column] : std::string_view();
}

bool is_year(std::string_view text) {
  return text.size() == 4 && is_digits(text);
}

struct ItemPlaces {
  std::size_t id = 0;
  std::size_t title = 0;
  Column year;
  Column genres;
};

struct UserPlaces {
  std::size_t id = 0;
  Column age;
  Column gender;
  Column occupation;
  Column zip;
};

}  // namespace

std::uint64_t read_items(std::string_view text, const std::string& label, const ItemTable& table,
                         RawCatalogue& catalogue) {
  std::optional<ItemPlaces> places;
  return for_each_record(text, label, table.form, [&](const CatalogueLine& line, std::uint64_t) {
    if (!places) {
      places = {require_column(line, table.id), require_column(line, table.title),
                find_column(line, table.year), find_column(line, table.genres)};
      return false;
    }
    line.require_fields(line.fields.size() > std::max(places->id, places->title),
                        "at least an id and a title");
    std::string title(line[places->title]);
    const auto year = field(line, places->year);
    if (is_year(year) && !title_year(title)) title += fmt::format(" ({})", year);
    catalogue.items.push_back(
        {std::string(line[places->id]), std::move(title),
         genre_list(field(line, places->genres), catalogue.genres, table.between_genres)});
    return true;
  });
}

std::uint64_t read_users(std::string_view text, const std::string& label, const RecordForm& form,
                         RawCatalogue& catalogue) {
  std::optional<UserPlaces> places;
  return for_each_record(text, label, form, [&](const CatalogueLine& line, std::uint64_t) {
    if (!places) {
      places = {require_column(line, "userid user"), find_column(line, "age"),
                find_column(line, "gender sex"), find_column(line, "occupation"),
                find_column(line, "zipcode zip postcode postalcode")};
      return false;
    }
    line.require_fields(line.fields.size() > places->id, "at least an id");
    RawUser user;
    user.id = line[places->id];
    if (!field(line, places->age).empty()) user.age = line.age(*places->age);
    user.occupation = field(line, places->occupation);
    user.gender = gender_of(field(line, places->gender));
    user.zip = zip_area(field(line, places->zip));
    catalogue.users.push_back(std::move(user));
    return true;
  });
}

}  // namespace nnrec::importing
