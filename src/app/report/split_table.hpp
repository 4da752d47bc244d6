#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/output/text_table.hpp"

namespace nnrec::app {

/// What is known of a model on a split of MovieLens 100K: the goal of one of ours (`kind` is the
/// preset), or what others reach, measured here (`other`) or reported (`record`).
struct ReferenceResult {
  std::string kind;
  std::string model;
  std::string split;
  std::string rmse;  ///< of predictions clipped to 1..5, as the file has it
  std::string uses;  ///< of a rating
};

/// Of a CSV file with these columns and a line of their names; no field has a comma. Throws
/// InputError `file:line`.
std::vector<ReferenceResult> read_references(const std::filesystem::path& path);

/// Test RMSE of finished runs, clipped to the declared scale (else as it is): a row a variant and
/// preset, and for each folder that runs lie in, which names the split, the mean over its runs,
/// least and most, and the goal. Below them what others reach on splits of those names; beside them
/// the publication's figures. Throws InputError: a run without a result, or without a test part.
std::string split_table(const std::vector<std::string>& runs,
                        const std::vector<ReferenceResult>& references, TableFormat format);

}  // namespace nnrec::app
