#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nnrec/import/rating_reader.hpp"
#include "nnrec/import/rating_rules.hpp"
#include "nnrec/import/rating_table.hpp"
#include "nnrec/io/byte_source.hpp"
#include "nnrec/math/thread_team.hpp"

namespace nnrec::importing {

/// One file of ratings.
struct RatingFile {
  std::string name;   ///< without folders
  std::string label;  ///< for messages
  std::function<std::unique_ptr<io::ByteSource>()> open;
  std::shared_ptr<const RatingReader> reader;
};

/// A file that was read, for the report.
struct SourceFile {
  std::string name;
  std::string label;        ///< for messages
  std::uint64_t bytes = 0;  ///< unpacked
  std::uint64_t lines = 0;  ///< that are not blank, without the header
  std::string encoding;
};

struct IngestResult {
  NumberedRatings ratings;
  std::vector<SourceFile> files;
  std::uint64_t lines = 0;         ///< that should hold a rating
  std::uint64_t without_time = 0;  ///< ratings, where others have a time: the table has none then
  std::string first_without_time;  ///< its place
};

/// Reads the files as one data set, in blocks that are parsed in parallel and joined in file order:
/// users and items are numbered in order of first appearance, whatever the number of threads.
/// Memory: the table, the ids, and about 8 MiB a thread. Every rule that looks at one line is
/// applied here. Throws InputError at the first line that a rule does not allow: file:line:column.
IngestResult ingest(const std::vector<RatingFile>& files, const RatingRules& rules,
                    const math::ThreadTeam& team, RepairLog& repairs);

}  // namespace nnrec::importing
