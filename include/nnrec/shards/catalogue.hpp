#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nnrec::shards {

/// The longest texts that a set takes, in bytes. Whoever meets longer ones has misread a file.
inline constexpr std::size_t kMostIdBytes = 256;
inline constexpr std::size_t kMostTitleBytes = 1024;

/// A list of lists in two arrays: list i is values[offsets[i] .. offsets[i + 1]).
struct ListColumn {
  std::vector<std::uint64_t> offsets{0};
  std::vector<std::uint32_t> values;
};

/// What is known about users, items and titles, by dense index from 0. Written once per shard set.
/// A column that the source does not have is empty.
struct Catalogue {
  std::vector<std::string> user_ids;            ///< as the source writes them; kMostIdBytes
  std::vector<float> user_ages;                 ///< years; NaN where unknown
  std::vector<std::uint8_t> user_genders;       ///< 'F', 'M', or 0 where unknown
  std::vector<std::uint32_t> user_occupations;  ///< index into occupations
  std::vector<std::string> occupations;
  /// First character of the zip code, '0'..'9' or 'A'..'Z', 0 where unknown.
  std::vector<std::uint8_t> user_zips;

  std::vector<std::string> item_ids;
  std::vector<std::uint32_t> item_titles;  ///< index into titles: items may share one
  ListColumn item_genres;                  ///< indices into genres, in the source's order
  std::vector<std::string> genres;

  std::vector<std::string> titles;  ///< unique, valid UTF-8; kMostTitleBytes
  ListColumn title_words;           ///< indices into words, in reading order
  std::vector<std::string> words;   ///< by falling frequency over titles, ties in byte order
};

}  // namespace nnrec::shards
