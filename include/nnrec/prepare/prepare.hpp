#pragma once

#include "nnrec/import/rating_source.hpp"
#include "nnrec/prepare/split.hpp"
#include "nnrec/shards/shard_set_writer.hpp"

namespace nnrec::prepare {

struct PrepareOptions {
  importing::SourceOptions source;
  importing::RatingRules rules;
  SplitOptions split;
  shards::ShardSetOptions shards;
};

/// What was read, kept and written, for the report.
struct PrepareReport {
  std::string format;                   ///< and its layout
  std::vector<std::string> evidence;    ///< why the files are taken for what they are
  std::vector<std::string> left_aside;  ///< files of the inputs that were not read
  std::vector<importing::SourceFile> files;
  std::vector<std::string> rules;  ///< a line of each rule that has something to say
  std::uint64_t lines_read = 0;    ///< that should hold a rating
  std::uint64_t rows_kept = 0;
  std::uint64_t items_with_row = 0;  ///< rated items that the source's catalogue knows
  bool has_catalogue = false;
  shards::Manifest manifest;
  SplitFacts split;
};

struct WrittenRatings {
  shards::Manifest manifest;
  SplitFacts split;
};

/// Source to shard set: lines, rules, numbering, catalogue, split, shards. Within a part, rows keep
/// the source's order. Equal sources give equal bytes, on any number of threads.
/// Memory: 21 bytes a rating (13 without times), the ids, about 20 MiB, and for each thread about
/// 10 MiB and, where users' ratings do not lie together, a quarter of a byte a rating. Throws
/// InputError, IoError.
PrepareReport prepare(const PrepareOptions& options);

/// The second half, from a table on: catalogue, split, shards. Of `description`, source, format and
/// scale are used.
WrittenRatings write_ratings(importing::NumberedRatings& ratings,
                             const importing::RawCatalogue& catalogue, const SplitOptions& split,
                             const shards::Manifest& description, shards::ShardSetWriter& writer,
                             const math::ThreadTeam& team);

}  // namespace nnrec::prepare
