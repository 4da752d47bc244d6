#pragma once

#include <string>
#include <string_view>

#include "nnrec/import/raw_catalogue.hpp"

namespace nnrec::import {

/// The catalogue files of the formats. Texts are UTF-8; `label` names the file in messages.
/// All add to `catalogue`, return the number of lines read, and throw InputError at a line that
/// does not parse: file:line:column.

/// u.genre of MovieLens 100K: name|number. Where it is missing: its 19 genres.
std::uint64_t parse_100k_genres(std::string_view text, const std::string& label,
                                RawCatalogue& catalogue);
void add_100k_genres(RawCatalogue& catalogue);
/// u.item: id|title|released|video released|url|flags, one flag a genre. Requires the genres.
std::uint64_t parse_100k_items(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue);
/// u.user: id|age|gender|occupation|zip code.
std::uint64_t parse_100k_users(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue);
/// movies.dat: id::title::genre|genre. Titles may contain "::".
std::uint64_t parse_dat_movies(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue);
/// users.dat of MovieLens 1M: id::gender::age code::occupation code::zip code. A code of age is the
/// first year of its range. Lines of two fields (MovieTweetings) say nothing of use.
std::uint64_t parse_dat_users(std::string_view text, const std::string& label,
                              RawCatalogue& catalogue);
/// movies.csv: header movieId,title,genres; RFC 4180.
std::uint64_t parse_csv_movies(std::string_view text, const std::string& label,
                               RawCatalogue& catalogue);

}  // namespace nnrec::import
