#include "block_parser.hpp"

#include <algorithm>

#include "nnrec/io/text_blocks.hpp"

namespace nnrec::data {
namespace {

void clear_results(RatingBlock& block) {
  block.user.clear();
  block.item.clear();
  block.rating.clear();
  block.time.clear();
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

std::uint32_t index_of(std::string_view id, const IdMap& known, std::uint32_t known_size,
                       IdMap& fresh) {
  const auto found = known.find(id);
  return found ? *found : known_size + fresh.insert(id);
}

}  // namespace

void BlockParser::parse(RatingBlock& block) {
  clear_results(block);
  block.known_users = static_cast<std::uint32_t>(users_.size());
  block.known_items = static_cast<std::uint32_t>(items_.size());
  bool skip = block.skip_header;
  std::string_view text = block.text;
  for (std::string_view line; io::take_line(text, line);) {
    ++block.lines;
    if (line.empty() || trimmed(line).empty()) continue;
    if (skip) {
      skip = false;
      continue;
    }
    ++block.rated_lines;
    parse_line(block, line);
  }
}

void BlockParser::parse_line(RatingBlock& block, std::string_view line) {
  LineRating rating;
  LineFault fault;
  if (parser_.parse(line, rating, fault)) {
    add(block, rating);
  } else if (fault.off_scale && rules_.out_of_range == OutOfRange::clip) {
    const auto low = static_cast<float>(rules_.scale->low);
    const auto high = static_cast<float>(rules_.scale->high);
    rating.rating = std::clamp(rating.rating, low, high);
    block.clipped.see(block.lines);
    add(block, rating);
  } else {
    block.faults.push_back({block.lines, std::move(fault), std::string(line)});
  }
}

void BlockParser::add(RatingBlock& block, const LineRating& rating) const {
  const auto row = block.user.size();
  const auto& runs = block.runs;
  if (runs.empty() || runs.back().line + (row - runs.back().row) != block.lines) {
    block.runs.push_back({row, block.lines});
  }
  block.user.push_back(index_of(rating.user, users_, block.known_users, block.new_users));
  block.item.push_back(index_of(rating.item, items_, block.known_items, block.new_items));
  block.rating.push_back(rating.rating);
  block.time.push_back(rating.time);
  if (rating.from_latin1) block.latin1.see(block.lines);
  if (rating.time == kNoTime) {
    block.no_time.see(block.lines);
  } else if (rating.time >= kFirstMillisecond || rating.time <= -kFirstMillisecond) {
    block.milliseconds.see(block.lines);
  } else {
    block.seconds.see(block.lines);
  }
}

}  // namespace nnrec::data
