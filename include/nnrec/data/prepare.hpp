#pragma once

#include "nnrec/data/rating_reader.hpp"
#include "nnrec/data/rating_table.hpp"
#include "nnrec/data/shard_set_writer.hpp"
#include "nnrec/data/split.hpp"

namespace nnrec::data {

/// What was read, kept and written, for the report.
struct PrepareReport {
  std::vector<SourceFile> files;
  std::vector<std::string> rules;  ///< a line of each rule that has something to say
  std::uint64_t rows_read = 0;
  std::uint64_t rows_kept = 0;
  std::uint64_t items_with_row = 0;  ///< rated items that the source's catalogue knows
  bool has_catalogue = false;
  Manifest manifest;
};

/// Source to shard set: read, rules, numbering, catalogue, split, shards. Within a part, rows keep
/// the source's order. Equal sources give equal bytes. Throws InputError, IoError.
PrepareReport prepare(RatingReader& reader, const RatingRules& rules, const Split& split,
                      const ShardSetOptions& options);

}  // namespace nnrec::data
