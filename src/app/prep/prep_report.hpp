#pragma once

#include <string>

#include "nnrec/base/log.hpp"
#include "nnrec/prepare/prepare.hpp"

namespace nnrec::app {

/// What was read, repaired, kept, split and written.
void print_report(const prepare::PrepareReport& report, const std::string& folder, double seconds,
                  Log& log);
/// The lines on the split; also part of --describe.
void print_split(const shards::Manifest& manifest, const prepare::SplitFacts& facts, Log& log);

/// Prints an existing set (--describe): counts, values, quantiles, times, split, digests. Reads all
/// shards. Throws InputError.
void describe_set(const shards::ShardSet& set, Log& log);

}  // namespace nnrec::app
