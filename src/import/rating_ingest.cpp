#include "nnrec/import/rating_ingest.hpp"

#include <algorithm>
#include <limits>

#include "nnrec/base/error.hpp"
#include "nnrec/import/reject_file.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "block_parser.hpp"

namespace nnrec::import {
namespace {

constexpr std::size_t kFaultsToList = 5;
/// So many that a thread that ends early waits for a small part of the time only.
constexpr std::size_t kBlocksPerThread = 16;

/// The blocks of all files, in order.
class BlockReader {
 public:
  explicit BlockReader(const std::vector<RatingFile>& files) : files_(files) {}

  bool next(RatingBlock& block) {
    for (;;) {
      const bool first = !text_;
      if (first && !open_next()) return false;
      if (text_->next(block.text)) {
        block.file = file_ - 1;
        block.first_of_file = first;
        block.skip_header = first && files_[block.file].layout.header;
        return true;
      }
      bytes_.push_back(text_->bytes_read());
      text_.reset();
    }
  }
  /// By file, of those read to their end.
  const std::vector<std::uint64_t>& bytes() const noexcept { return bytes_; }

 private:
  bool open_next() {
    if (file_ == files_.size()) return false;
    const auto& file = files_[file_++];
    text_ = std::make_unique<io::TextBlocks>(file.open(), file.label);
    return true;
  }

  const std::vector<RatingFile>& files_;
  std::uint32_t file_ = 0;
  std::unique_ptr<io::TextBlocks> text_;
  std::vector<std::uint64_t> bytes_;
};

/// What was seen over all files, with the place of the first.
struct PlacedSighting {
  std::uint64_t count = 0;
  std::string place;
};

/// Joins parsed blocks in file order.
class Joiner {
 public:
  Joiner(const std::vector<RatingFile>& files, const RatingRules& rules, IngestResult& result)
      : files_(files), rules_(rules), result_(result), reject_(rules.reject_file) {
    std::vector<std::string> labels;
    for (const auto& file : files) {
      labels.push_back(file.label);
      result_.files.push_back({file.name, 0, 0, "UTF-8"});
    }
    result_.ratings.places.name_files(std::move(labels));
  }

  void join(std::vector<RatingBlock>& blocks, const math::ThreadTeam& team);
  void finish(const BlockReader& reader, RepairLog& repairs);

 private:
  /// What is left to do for a block once the numbers of its new ids are known.
  struct Placement {
    std::uint64_t first_row = 0;
    bool milliseconds = false;
    std::vector<std::uint32_t> users;
    std::vector<std::uint32_t> items;
  };

  std::string place(const RatingBlock& block, std::uint64_t line) const {
    return fmt::format("{}:{}", files_[block.file].label, lines_before_ + line);
  }
  std::string describe(const RatingBlock& block, const RatingBlock::Fault& fault) const {
    return fmt::format("{}:{}: {}", place(block, fault.line), fault.why.column + 1, fault.why.text);
  }
  bool is_fatal(const RatingBlock::Fault& fault) const {
    return fault.why.off_scale ? rules_.out_of_range == OutOfRange::error
                               : rules_.on_bad_line == OnBadLine::stop;
  }
  void judge_faults(const RatingBlock& block);
  void note_fault(const RatingBlock& block, const RatingBlock::Fault& fault);
  void see(PlacedSighting& all, const RatingBlock& block, const Sighting& sighting) const;
  void judge_times(const RatingBlock& block);
  Placement place_block(const RatingBlock& block);
  void copy(const RatingBlock& block, const Placement& placement);

  const std::vector<RatingFile>& files_;
  const RatingRules& rules_;
  IngestResult& result_;
  RejectFile reject_;
  std::uint64_t lines_before_ = 0;  ///< in the current file
  std::string first_seconds_;       ///< places in the current file
  std::string first_milliseconds_;
  PlacedSighting bad_;
  PlacedSighting dropped_;
  PlacedSighting clipped_;
  PlacedSighting latin1_;
  PlacedSighting no_time_;
  PlacedSighting milliseconds_;
};

std::vector<std::uint32_t> number(const IdMap& fresh, IdMap& all) {
  std::vector<std::uint32_t> numbers(fresh.size());
  for (std::uint32_t index = 0; index < numbers.size(); ++index) {
    numbers[index] = all.insert(fresh, index);
  }
  return numbers;
}

void Joiner::see(PlacedSighting& all, const RatingBlock& block, const Sighting& sighting) const {
  if (sighting.count > 0 && all.count == 0) all.place = place(block, sighting.line);
  all.count += sighting.count;
}

void Joiner::judge_faults(const RatingBlock& block) {
  std::string text;
  std::size_t listed = 0;
  for (const auto& fault : block.faults) {
    if (!is_fatal(fault)) {
      note_fault(block, fault);
      continue;
    }
    if (listed++ == 0) {
      text = describe(block, fault) +
             (fault.why.off_scale ? ". Correct the line, or use --out-of-range drop or clip."
                                  : ". Correct the line, or use --on-bad-line skip.");
    } else if (listed <= kFaultsToList) {
      text += "\n  also " + describe(block, fault);
    }
  }
  if (listed > 0) throw InputError("{}", text);
}

void Joiner::note_fault(const RatingBlock& block, const RatingBlock::Fault& fault) {
  auto& all = fault.why.off_scale ? dropped_ : bad_;
  Sighting sighting;
  sighting.see(fault.line);
  see(all, block, sighting);
  if (!fault.why.off_scale) reject_.add(describe(block, fault), fault.text);
}

/// A file has one unit of time, which its first time shows.
void Joiner::judge_times(const RatingBlock& block) {
  if (block.seconds.count > 0 && first_seconds_.empty()) {
    first_seconds_ = place(block, block.seconds.line);
  }
  if (block.milliseconds.count > 0 && first_milliseconds_.empty()) {
    first_milliseconds_ = place(block, block.milliseconds.line);
  }
  if (!first_seconds_.empty() && !first_milliseconds_.empty()) {
    throw InputError(
        "{}: the time is in milliseconds, but in seconds at {}. Use one unit in a file.",
        first_milliseconds_, first_seconds_);
  }
  see(milliseconds_, block, block.milliseconds);
}

Joiner::Placement Joiner::place_block(const RatingBlock& block) {
  if (block.first_of_file) {
    lines_before_ = 0;
    first_seconds_.clear();
    first_milliseconds_.clear();
  }
  judge_faults(block);
  judge_times(block);
  see(clipped_, block, block.clipped);
  see(latin1_, block, block.latin1);
  see(no_time_, block, block.no_time);
  auto& ratings = result_.ratings;
  auto& table = ratings.table;
  Placement placement{table.rows(), block.milliseconds.count > 0,
                      number(block.new_users, ratings.users),
                      number(block.new_items, ratings.items)};
  for (const auto& run : block.runs) {
    ratings.places.add({placement.first_row + run.row, block.file, lines_before_ + run.line});
  }
  lines_before_ += block.lines;
  auto& file = result_.files[block.file];
  file.lines += block.rated_lines;
  if (block.latin1.count > 0) file.encoding = "Latin-1";
  result_.lines += block.rated_lines;

  const auto rows = placement.first_row + block.user.size();
  table.user.resize(rows);
  table.item.resize(rows);
  table.rating.resize(rows);
  if (files_.front().layout.time) table.timestamp.resize(rows);
  table.file_ends.resize(block.file + 1, placement.first_row);
  table.file_ends.back() = rows;
  return placement;
}

void Joiner::copy(const RatingBlock& block, const Placement& placement) {
  auto& table = result_.ratings.table;
  const auto final_index = [](std::uint32_t index, std::uint32_t known,
                              const std::vector<std::uint32_t>& fresh) {
    return index < known ? index : fresh[index - known];
  };
  const bool has_time = table.has_time();
  for (std::size_t row = 0; row < block.user.size(); ++row) {
    const auto to = placement.first_row + row;
    table.user[to] = final_index(block.user[row], block.known_users, placement.users);
    table.item[to] = final_index(block.item[row], block.known_items, placement.items);
    table.rating[to] = block.rating[row];
    if (!has_time) continue;
    auto time = block.time[row];
    // Rounded down also before 1970.
    if (placement.milliseconds && time != kNoTime) time = time / 1000 - (time % 1000 < 0 ? 1 : 0);
    table.timestamp[to] = time;
  }
}

void Joiner::join(std::vector<RatingBlock>& blocks, const math::ThreadTeam& team) {
  std::vector<Placement> placements;
  placements.reserve(blocks.size());
  for (const auto& block : blocks) placements.push_back(place_block(block));
  team.for_each(blocks.size(),
                [&](std::size_t piece, std::size_t) { copy(blocks[piece], placements[piece]); });
}

void Joiner::finish(const BlockReader& reader, RepairLog& repairs) {
  reject_.close();
  for (std::size_t file = 0; file < files_.size(); ++file) {
    result_.files[file].bytes = reader.bytes()[file];
    if (result_.files[file].lines == 0) throw InputError("{}: has no ratings", files_[file].label);
  }
  const auto allowed = rules_.max_bad * static_cast<double>(result_.lines);
  if (static_cast<double>(bad_.count) > allowed) {
    throw InputError(
        "{}: {} of {} lines are bad, more than --max-bad {}% allows; {} has them. Correct them, or "
        "raise --max-bad.",
        bad_.place, bad_.count, result_.lines, rules_.max_bad * 100, rules_.reject_file);
  }
  repairs.add(bad_.count, fmt::format("{} bad lines skipped", bad_.count), bad_.place);
  if (bad_.count > 0) repairs.show(fmt::format("the bad lines are in {}", rules_.reject_file));
  repairs.add(dropped_.count, fmt::format("{} ratings outside the scale dropped", dropped_.count),
              dropped_.place);
  repairs.add(clipped_.count, fmt::format("{} ratings outside the scale clipped", clipped_.count),
              clipped_.place);
  repairs.add(latin1_.count,
              fmt::format("{} lines have ids that are not UTF-8: read as Latin-1", latin1_.count),
              latin1_.place);
  repairs.add(milliseconds_.count,
              fmt::format("{} times are in milliseconds: divided by 1000", milliseconds_.count),
              milliseconds_.place);
  auto& table = result_.ratings.table;
  if (!table.has_time() || no_time_.count == 0) return;
  repairs.add(no_time_.count,
              fmt::format("{} of {} ratings have no time: the set is written without times",
                          no_time_.count, table.rows()),
              no_time_.place);
  table.timestamp = {};
  result_.without_time = no_time_.count;
  result_.first_without_time = no_time_.place;
}

void fill(BlockReader& reader, std::vector<RatingBlock>& blocks, std::size_t most) {
  blocks.resize(most);
  std::size_t count = 0;
  while (count < most && reader.next(blocks[count])) ++count;
  blocks.resize(count);
}

}  // namespace

IngestResult ingest(const std::vector<RatingFile>& files, const RatingRules& rules,
                    const math::ThreadTeam& team, RepairLog& repairs) {
  IngestResult result;
  Joiner joiner(files, rules, result);
  BlockReader reader(files);
  std::vector<BlockParser> parsers;
  for (int thread = 0; thread < team.size(); ++thread) {
    parsers.emplace_back(files.front().layout, rules, result.ratings.users, result.ratings.items);
  }
  const auto window = kBlocksPerThread * static_cast<std::size_t>(team.size());
  std::vector<RatingBlock> blocks;
  std::vector<RatingBlock> next;
  fill(reader, blocks, window);
  while (!blocks.empty()) {
    // One thread reads (and unpacks) the next blocks while the others parse these.
    team.for_each(blocks.size() + 1, [&](std::size_t piece, std::size_t thread) {
      if (piece == 0) {
        fill(reader, next, window);
      } else {
        parsers[thread].parse(blocks[piece - 1]);
      }
    });
    joiner.join(blocks, team);
    std::swap(blocks, next);
  }
  joiner.finish(reader, repairs);
  return result;
}

}  // namespace nnrec::import
