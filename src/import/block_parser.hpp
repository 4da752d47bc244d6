#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nnrec/import/id_map.hpp"
#include "nnrec/shards/column.hpp"

#include "line_parser.hpp"
#include "plain_lines.hpp"

namespace nnrec::import {

/// How often something was seen, and in which line first.
struct Sighting {
  std::uint64_t count = 0;
  std::uint64_t line = 0;

  void see(std::uint64_t at) {
    if (count++ == 0) line = at;
  }
};

/// A block of lines and what became of them. Lines count from 1 at the start of the block.
struct RatingBlock {
  std::string text;
  std::uint32_t file = 0;
  bool skip_header = false;
  bool first_of_file = false;

  /// Indices below `known_users` are final; those from there on count the block's new ids.
  std::uint32_t known_users = 0;
  std::uint32_t known_items = 0;
  shards::Column<std::uint32_t> user;
  shards::Column<std::uint32_t> item;
  shards::Column<float> rating;
  shards::Column<std::int64_t> time;
  IdMap new_users;
  IdMap new_items;

  struct Run {
    std::uint64_t row;
    std::uint64_t line;
  };
  std::vector<Run> runs;  ///< where row numbers and line numbers do not rise together
  struct Fault {
    std::uint64_t line;
    LineFault why;
    std::string text;
  };
  std::vector<Fault> faults;
  std::uint64_t lines = 0;
  std::uint64_t rated_lines = 0;  ///< neither blank nor the header
  Sighting latin1;
  Sighting no_time;
  Sighting clipped;
  Sighting seconds;
  Sighting milliseconds;
};

/// Parses blocks against the ids known so far, which it only reads.
class BlockParser {
 public:
  BlockParser(const RatingLayout& layout, const RatingRules& rules, const IdMap& users,
              const IdMap& items)
      : plain_(layout, rules),
        parser_(layout, rules),
        rules_(rules),
        users_(users),
        items_(items) {}

  void parse(RatingBlock& block);

 private:
  /// The user of the line before: files mostly have a user's ratings together.
  struct LastUser {
    std::uint64_t number = 0;
    std::uint32_t index = 0;
    bool is_known = false;
  };

  void parse_line(RatingBlock& block, std::string_view line);
  std::uint32_t user_index(RatingBlock& block, std::uint64_t number);
  void add(RatingBlock& block, std::uint32_t user, std::uint32_t item, float rating,
           std::int64_t time) const;

  PlainLines plain_;
  LineParser parser_;
  RatingRules rules_;
  const IdMap& users_;
  const IdMap& items_;
  LastUser last_user_;
};

}  // namespace nnrec::import
