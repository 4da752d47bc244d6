#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::app {

/// The recipe of the publication, as --preset names it.
inline constexpr const char* kPublishedPreset = "published";
/// Stands where nothing in the folder says it.
inline constexpr const char* kUnknownPreset = "preset unknown";

/// One variant of a run, by its own record: the run's result, else its newest checkpoint. The
/// folder's options are those of its last command, which may have trained another variant.
struct ReportedVariant {
  std::string name;
  std::string preset = kPublishedPreset;
  /// Those that decide its bits, every setting spelled out; none where there is no record.
  std::vector<std::pair<std::string, std::string>> options{};
  std::string data_digest{};   ///< empty: not known
  std::string model_digest{};  ///< of the last model; empty: not known
  std::string changes{};       ///< as train::CheckpointInfo has them
};

/// What a run's folder says of the run.
struct ReportedRun {
  std::string folder;
  std::string name;  ///< the folder's own
  std::vector<run::HistoryRow> rows;
  std::vector<ReportedVariant> variants;  ///< those of `rows`, in order of first appearance
  std::vector<std::pair<std::string, std::string>> options;  ///< of options.cfg; may be empty
  std::optional<run::RunEnd> end;                            ///< of a finished run

  /// Nothing where `rows` have no such variant.
  const ReportedVariant* variant(const std::string& variant_name) const;
};

/// The path of a folder from the root, without a slash or a dot at its end; links are not followed.
std::filesystem::path whole_path(const std::filesystem::path& folder);
/// Of a folder, with or without a slash at its end.
std::string run_name(const std::string& folder);

/// Reads a run that can be compared: of each variant an epoch that was evaluated, or more, or an
/// end alone, which then stands as the one row of its variant, without a train RMSE. Throws
/// InputError with the place in history.csv of what is missing or wrong.
ReportedRun read_reported_run(const std::string& folder);

}  // namespace nnrec::app
