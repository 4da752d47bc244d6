#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nnrec/import/rating_rules.hpp"

namespace nnrec::importing {

class RatingSink;
struct RatingBlock;

/// Cuts one file's text into blocks of whole records, in order, on one thread. By itself it takes
/// a line for a record.
class RecordCutter {
 public:
  virtual ~RecordCutter() = default;
  /// The bytes of the whole records at the front of `text`, which begins where a record does; 0
  /// when the first goes on behind it.
  virtual std::size_t whole_records(std::string_view text) { return text.rfind('\n') + 1; }
  /// What the parser of `block` must know of the blocks before it. Called with each block in turn.
  virtual std::string context_of(std::string_view) { return {}; }
  /// Throws InputError with `label` when the text may not end here. Called behind the last block.
  virtual void end(const std::string&) const {}
};

/// Finds the ratings in blocks, any of them. One object a thread.
class RecordParser {
 public:
  virtual ~RecordParser() = default;
  virtual void parse(const RatingBlock& block, RatingSink& sink) = 0;
};

/// How the ratings of a file are read: what its format and its first lines have told. Readers are
/// shared by files that are written alike, and by threads.
class RatingReader {
 public:
  virtual ~RatingReader() = default;
  /// For the report: "tab, no header, user=1 item=2 rating=3 time=4".
  virtual std::string description() const = 0;
  /// By what each column was bound, and which are left aside, a sentence each.
  virtual std::vector<std::string> evidence() const { return {}; }
  virtual bool has_time() const = 0;
  virtual std::unique_ptr<RecordCutter> cutter() const = 0;
  virtual std::unique_ptr<RecordParser> parser(const RatingRules& rules) const = 0;
  /// How many ratings the file says that it has, where it does.
  virtual std::optional<std::uint64_t> records() const { return std::nullopt; }
};

}  // namespace nnrec::importing
