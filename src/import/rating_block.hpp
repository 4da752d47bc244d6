#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/import/id_map.hpp"
#include "nnrec/import/row_places.hpp"
#include "nnrec/shards/column.hpp"

#include "line_rating.hpp"

namespace nnrec::importing {

/// How often something was seen, and in which line first.
struct Sighting {
  std::uint64_t count = 0;
  std::uint64_t line = 0;

  void see(std::uint64_t at) {
    if (count++ == 0) line = at;
  }
};
using Sightings = std::array<Sighting, kSeenKinds>;

/// A block of whole records and what became of them. Lines count from 1 at the start of the block.
struct RatingBlock {
  std::string text;
  std::string context;  ///< of the reader's own: what it must know of the blocks before
  std::uint32_t file = 0;
  bool first_of_file = false;

  /// Indices below `known_users` are final; those from there on count the block's new ids.
  std::uint32_t known_users = 0;
  std::uint32_t known_items = 0;
  shards::Column<std::uint32_t> user;
  shards::Column<std::uint32_t> item;
  shards::Column<float> rating;
  shards::Column<std::int64_t> time;  ///< seconds
  IdMap new_users;
  IdMap new_items;

  std::vector<LineRun> runs;
  struct Fault {
    std::uint64_t line;
    LineFault why;
    std::string text;
  };
  std::vector<Fault> faults;
  std::uint64_t lines = 0;
  std::uint64_t records = 0;  ///< that should hold a rating
  Sightings seen{};
};

}  // namespace nnrec::importing
