#include "block_parser.hpp"

#include <algorithm>

#include "nnrec/io/text_blocks.hpp"

namespace nnrec::import {
namespace {

void clear_results(RatingBlock& block) {
  block.user.resize(0);
  block.item.resize(0);
  block.rating.resize(0);
  block.time.resize(0);
  block.new_users.clear();
  block.new_items.clear();
  block.runs.clear();
  block.faults.clear();
  block.lines = 0;
  block.rated_lines = 0;
  block.latin1 = {};
  block.no_time = {};
  block.clipped = {};
  block.seconds = {};
  block.milliseconds = {};
}

template <typename Id>
std::uint32_t index_of(Id id, const IdMap& known, std::uint32_t known_size, IdMap& fresh) {
  const auto found = known.find(id);
  return found ? *found : known_size + fresh.insert(id);
}

}  // namespace

void BlockParser::parse(RatingBlock& block) {
  clear_results(block);
  block.known_users = static_cast<std::uint32_t>(users_.size());
  block.known_items = static_cast<std::uint32_t>(items_.size());
  last_user_ = {};
  bool skip = block.skip_header;
  std::string_view text = block.text;
  PlainRating plain;
  for (std::string_view line; !text.empty();) {
    ++block.lines;
    if (!skip && plain_.take(text, plain)) {
      ++block.rated_lines;
      add(block, user_index(block, plain.user),
          index_of(plain.item, items_, block.known_items, block.new_items), plain.rating,
          plain.time);
      continue;
    }
    io::take_line(text, line);
    if (line.empty() || trimmed(line).empty()) continue;
    if (skip) {
      skip = false;
      continue;
    }
    ++block.rated_lines;
    parse_line(block, line);
  }
}

std::uint32_t BlockParser::user_index(RatingBlock& block, std::uint64_t number) {
  if (!last_user_.is_known || last_user_.number != number) {
    last_user_ = {number, index_of(number, users_, block.known_users, block.new_users), true};
  }
  return last_user_.index;
}

void BlockParser::parse_line(RatingBlock& block, std::string_view line) {
  LineRating rating;
  LineFault fault;
  if (!parser_.parse(line, rating, fault)) {
    if (!fault.off_scale || rules_.out_of_range != OutOfRange::clip) {
      block.faults.push_back({block.lines, std::move(fault), std::string(line)});
      return;
    }
    const auto low = static_cast<float>(rules_.scale->low);
    const auto high = static_cast<float>(rules_.scale->high);
    rating.rating = std::clamp(rating.rating, low, high);
    block.clipped.see(block.lines);
  }
  if (rating.from_latin1) block.latin1.see(block.lines);
  add(block, index_of(rating.user, users_, block.known_users, block.new_users),
      index_of(rating.item, items_, block.known_items, block.new_items), rating.rating,
      rating.time);
}

void BlockParser::add(RatingBlock& block, std::uint32_t user, std::uint32_t item, float rating,
                      std::int64_t time) const {
  const auto row = block.user.size();
  const auto& runs = block.runs;
  if (runs.empty() || runs.back().line + (row - runs.back().row) != block.lines) {
    block.runs.push_back({row, block.lines});
  }
  block.user.push_back(user);
  block.item.push_back(item);
  block.rating.push_back(rating);
  block.time.push_back(time);
  if (time == kNoTime) {
    block.no_time.see(block.lines);
  } else if (time >= kFirstMillisecond || time <= -kFirstMillisecond) {
    block.milliseconds.see(block.lines);
  } else {
    block.seconds.see(block.lines);
  }
}

}  // namespace nnrec::import
