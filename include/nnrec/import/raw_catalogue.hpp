#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace nnrec::importing {

struct RawItem {
  std::string id;
  std::string title;                  ///< valid UTF-8; empty where unknown
  std::vector<std::uint32_t> genres;  ///< indices into RawCatalogue::genres
};

struct RawUser {
  std::string id;
  float age = std::numeric_limits<float>::quiet_NaN();  ///< years; NaN where unknown
  std::string occupation;                               ///< empty where unknown
  char gender = '\0';                                   ///< 'F', 'M', or 0 where unknown
  char zip = '\0';                                      ///< as zip_area() has it of the zip code
};

/// What a source knows beside the ratings; a source without a catalogue leaves it empty.
struct RawCatalogue {
  std::vector<RawItem> items;
  std::vector<RawUser> users;
  std::vector<std::string> genres;
};

}  // namespace nnrec::importing
