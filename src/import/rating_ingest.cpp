#include "nnrec/import/rating_ingest.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "nnrec/base/error.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/import/reject_file.hpp"
#include "nnrec/import/times.hpp"
#include "nnrec/io/text_blocks.hpp"

#include "rating_sink.hpp"

namespace nnrec::importing {
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
        block.context = cutter_->context_of(block.text);
        return true;
      }
      cutter_->end(files_[file_ - 1].label);
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
    cutter_ = file.reader->cutter();
    text_ = std::make_unique<io::TextBlocks>(
        file.open(), file.label,
        [this](std::string_view text) { return cutter_->whole_records(text); });
    return true;
  }

  const std::vector<RatingFile>& files_;
  std::uint32_t file_ = 0;
  std::unique_ptr<RecordCutter> cutter_;
  std::unique_ptr<io::TextBlocks> text_;
  std::vector<std::uint64_t> bytes_;
};

/// A thread's parsers, one for each way in which files are written.
class Parsers {
 public:
  Parsers(const std::vector<RatingFile>& files, const RatingRules& rules,
          const NumberedRatings& known)
      : files_(files), rules_(rules), sink_(rules, known.users, known.items) {}

  void parse(RatingBlock& block) {
    const auto& reader = *files_[block.file].reader;
    auto& parser = parsers_[&reader];
    if (!parser) parser = reader.parser(rules_);
    sink_.begin(block);
    parser->parse(block, sink_);
  }

 private:
  const std::vector<RatingFile>& files_;
  const RatingRules& rules_;
  RatingSink sink_;
  std::map<const RatingReader*, std::unique_ptr<RecordParser>> parsers_;
};

/// What was seen over all files, with the place of the first.
struct PlacedSighting {
  std::uint64_t count = 0;
  std::string place;
};

/// The ways of writing times, of which a file has one.
constexpr std::array kTimeForms{Seen::seconds, Seen::milliseconds, Seen::dates};
constexpr std::array kTimeFormNames{"in seconds", "in milliseconds", "a date"};

/// Joins parsed blocks in file order.
class Joiner {
 public:
  Joiner(const std::vector<RatingFile>& files, const RatingRules& rules, IngestResult& result)
      : files_(files), rules_(rules), result_(result), reject_(rules.reject_file) {
    std::vector<std::string> labels;
    for (const auto& file : files) {
      labels.push_back(file.label);
      result_.files.push_back({file.name, file.label, 0, 0, "UTF-8"});
      has_time_ = has_time_ || file.reader->has_time();
    }
    result_.ratings.places.name_files(std::move(labels));
  }

  void join(std::vector<RatingBlock>& blocks, const math::ThreadTeam& team);
  void finish(const BlockReader& reader, RepairLog& repairs);

 private:
  /// What is left to do for a block once the numbers of its new ids are known.
  struct Placement {
    std::uint64_t first_row = 0;
    std::vector<std::uint32_t> users;
    std::vector<std::uint32_t> items;
  };

  std::string place(const RatingBlock& block, std::uint64_t line) const {
    return fmt::format("{}:{}", files_[block.file].label, lines_before_ + line);
  }
  std::string describe(const RatingBlock& block, const RatingBlock::Fault& fault) const {
    return fmt::format("{}:{}: {}", place(block, fault.line), fault.why.column + 1, fault.why.text);
  }
  bool is_fatal(const RatingBlock::Fault& fault) const;
  void judge_faults(const RatingBlock& block);
  void note_fault(const RatingBlock& block, const RatingBlock::Fault& fault);
  void see(PlacedSighting& all, const RatingBlock& block, const Sighting& sighting) const;
  void see_all(const RatingBlock& block);
  PlacedSighting& seen(Seen kind) { return seen_[static_cast<std::size_t>(kind)]; }
  void judge_times(const RatingBlock& block);
  Placement place_block(const RatingBlock& block);
  void copy(const RatingBlock& block, const Placement& placement);
  void judge_bad_lines(RepairLog& repairs) const;
  void report_repairs(RepairLog& repairs);
  void settle_times(RepairLog& repairs);
  void judge_epochs(RepairLog& repairs) const;

  const std::vector<RatingFile>& files_;
  const RatingRules& rules_;
  IngestResult& result_;
  RejectFile reject_;
  bool has_time_ = false;           ///< a file has
  std::uint64_t lines_before_ = 0;  ///< in the current file
  std::array<std::string, kTimeForms.size()>
      first_times_;  ///< places in the current file, by kTimeForms
  PlacedSighting bad_;
  PlacedSighting dropped_;
  std::array<PlacedSighting, kSeenKinds> seen_;
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

void Joiner::see_all(const RatingBlock& block) {
  for (std::size_t kind = 0; kind < kSeenKinds; ++kind) see(seen_[kind], block, block.seen[kind]);
}

bool Joiner::is_fatal(const RatingBlock::Fault& fault) const {
  switch (fault.why.kind) {
    case LineFault::Kind::off_scale:
      return rules_.out_of_range == OutOfRange::error;
    case LineFault::Kind::bad:
      return rules_.on_bad_line == OnBadLine::stop;
    case LineFault::Kind::not_rated:
      return false;
    case LineFault::Kind::open_quote:
      break;
  }
  return true;
}

/// What a person can do about the first fault.
const char* remedy_of(const LineFault& fault) {
  switch (fault.kind) {
    case LineFault::Kind::off_scale:
      return ". Correct the line, or use --out-of-range drop or clip, or --missing where the value "
             "stands for no rating.";
    case LineFault::Kind::bad:
      return ". Correct the line, or use --on-bad-line skip.";
    case LineFault::Kind::not_rated:
    case LineFault::Kind::open_quote:
      break;
  }
  return ". Close it: where the next record begins is not known.";
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
      text = describe(block, fault) + remedy_of(fault.why);
    } else if (listed <= kFaultsToList) {
      text += "\n  also " + describe(block, fault);
    }
  }
  if (listed > 0) throw InputError("{}", text);
}

void Joiner::note_fault(const RatingBlock& block, const RatingBlock::Fault& fault) {
  const bool off_scale = fault.why.kind == LineFault::Kind::off_scale;
  auto& all = off_scale ? dropped_ : bad_;
  Sighting sighting;
  sighting.see(fault.line);
  see(all, block, sighting);
  if (!off_scale) reject_.add(describe(block, fault), fault.text);
}

void Joiner::judge_times(const RatingBlock& block) {
  for (std::size_t form = 0; form < kTimeForms.size(); ++form) {
    const auto& sighting = block.seen[static_cast<std::size_t>(kTimeForms[form])];
    auto& first = first_times_[form];
    if (sighting.count > 0 && first.empty()) first = place(block, sighting.line);
    for (std::size_t other = 0; other < form; ++other) {
      if (first.empty() || first_times_[other].empty()) continue;
      throw InputError("{}: the time is {}, but {} at {}. Use one way of writing in a file.", first,
                       kTimeFormNames[form], kTimeFormNames[other], first_times_[other]);
    }
  }
}

Joiner::Placement Joiner::place_block(const RatingBlock& block) {
  if (block.first_of_file) {
    lines_before_ = 0;
    first_times_ = {};
  }
  judge_faults(block);
  judge_times(block);
  see_all(block);
  auto& ratings = result_.ratings;
  auto& table = ratings.table;
  Placement placement{table.rows(), number(block.new_users, ratings.users),
                      number(block.new_items, ratings.items)};
  for (auto run : block.runs) {
    run.row += placement.first_row;
    run.line += lines_before_;
    ratings.places.add(block.file, run);
  }
  lines_before_ += block.lines;
  auto& file = result_.files[block.file];
  file.lines += block.records;
  if (block.seen[static_cast<std::size_t>(Seen::latin1)].count > 0) file.encoding = "Latin-1";
  result_.lines += block.records;

  const auto rows = placement.first_row + block.user.size();
  table.user.resize(rows);
  table.item.resize(rows);
  table.rating.resize(rows);
  if (has_time_) table.timestamp.resize(rows);
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
  const auto rows = block.user.size();
  for (std::size_t row = 0; row < rows; ++row) {
    const auto to = placement.first_row + row;
    table.user[to] = final_index(block.user[row], block.known_users, placement.users);
    table.item[to] = final_index(block.item[row], block.known_items, placement.items);
    table.rating[to] = block.rating[row];
  }
  if (table.has_time()) {
    std::copy_n(block.time.data(), rows, table.timestamp.data() + placement.first_row);
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
  judge_bad_lines(repairs);
  report_repairs(repairs);
  settle_times(repairs);
}

void Joiner::judge_bad_lines(RepairLog& repairs) const {
  const auto allowed = rules_.max_bad * static_cast<double>(result_.lines);
  if (static_cast<double>(bad_.count) > allowed) {
    throw InputError(
        "{}: {} of {} lines are bad, more than --max-bad {}% allows; {} has them. Correct them, or "
        "raise --max-bad.",
        bad_.place, bad_.count, result_.lines, rules_.max_bad * 100, rules_.reject_file);
  }
  repairs.add({bad_.count, result_.lines, "lines"}, "are bad: skipped", bad_.place);
  if (bad_.count > 0) repairs.show(fmt::format("the bad lines are in {}", rules_.reject_file));
}

void Joiner::report_repairs(RepairLog& repairs) {
  const auto lines = result_.lines;
  repairs.add({dropped_.count, lines, "ratings"}, "are outside the scale: dropped", dropped_.place);
  const auto report = [&](Seen kind, const Share& share, const char* text) {
    repairs.add({seen(kind).count, share.whole, share.noun}, text, seen(kind).place);
  };
  const auto rows = result_.ratings.table.rows();
  report(Seen::clipped, {0, lines, "ratings"}, "are outside the scale: clipped");
  report(Seen::not_rated, {0, lines, "lines"}, "have a value that stands for no rating: left out");
  report(Seen::latin1, {0, rows, "ratings"}, "have an id that is not UTF-8: read as Latin-1");
  report(Seen::rounded_id, {0, rows, "ratings"},
         "have an id like 9.78E+12, as spreadsheets round long numbers: different ids may have "
         "become one");
  report(Seen::absent_id, {0, rows, "ratings"},
         "have an id like NA, None or NULL, which may stand for no user or item: taken for one");
  report(Seen::unseen_id, {0, rows, "ratings"},
         "have an id with a character that is not seen, as a no-break space at its end: kept");
  report(Seen::quoted_id, {0, rows, "ratings"},
         "have an id between quotes, which are no quotes of this file: a part of the id");
  report(Seen::milliseconds, {0, rows, "times"}, "are in milliseconds: divided by 1000");
  report(Seen::part_second, {0, rows, "times"}, "have a fraction: rounded down");
  report(Seen::before_1970, {0, rows, "times"}, "are before 1970: kept");
  report(Seen::time_zero, {0, rows, "times"},
         "are 0, as where no time is known: kept as the start of 1970");
  const auto note = [&](Seen kind, const Share& share, const char* text) {
    const auto count = seen(kind).count;
    if (count > 0) {
      repairs.note(fmt::format("{} {}", counted(count, share.whole, share.noun), text));
    }
  };
  note(Seen::dates, {0, rows, "times"}, "are dates as text, read as UTC where they name no zone");
  note(Seen::long_record, {0, lines, "records"}, "go over several lines, within quotes");
}

void Joiner::settle_times(RepairLog& repairs) {
  auto& table = result_.ratings.table;
  const auto& without = seen(Seen::no_time);
  if (!table.has_time()) return;
  if (without.count == 0) return judge_epochs(repairs);
  repairs.add({without.count, table.rows(), "ratings"},
              "have no time: the set is written without times", without.place);
  table.timestamp = {};
  result_.without_time = without.count;
  result_.first_without_time = without.place;
}

/// Years, durations, days since 1900: as seconds they are of the first hours of 1970. Those before
/// 1970 and of 0 have been said.
void Joiner::judge_epochs(RepairLog& repairs) const {
  const auto& times = result_.ratings.table.timestamp;
  const auto now = unix_now();
  const auto is_odd = [now](std::int64_t time) { return time > 0 && !is_likely_time(time, now); };
  const auto count = std::count_if(times.begin(), times.end(), is_odd);
  if (count == 0) return;
  const auto first = std::find_if(times.begin(), times.end(), is_odd) - times.begin();
  repairs.add({static_cast<std::uint64_t>(count), times.size(), "times"},
              "are, as seconds since 1970, before 1990 or still to come: kept (--time-format says "
              "how others are written)",
              result_.ratings.places.place(static_cast<std::uint64_t>(first)));
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
  std::vector<Parsers> parsers;
  for (int thread = 0; thread < team.size(); ++thread) {
    parsers.emplace_back(files, rules, result.ratings);
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

}  // namespace nnrec::importing
