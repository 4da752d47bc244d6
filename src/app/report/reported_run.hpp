#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nnrec/run/history.hpp"
#include "nnrec/run/result.hpp"

namespace nnrec::app {

/// What a run's folder says of the run.
struct ReportedRun {
  std::string folder;
  std::string name;  ///< the folder's own
  std::vector<run::HistoryRow> rows;
  std::vector<std::pair<std::string, std::string>> options;  ///< of options.cfg; may be empty
  std::optional<run::RunEnd> end;                            ///< of a finished run

  std::string preset() const;
  std::vector<std::string> variants() const;  ///< in order of first appearance
};

/// Of a folder, with or without a slash at its end.
std::string run_name(const std::string& folder);

/// Reads a run that can be compared: one epoch or more, each evaluated. Throws InputError with the
/// place in history.csv of what is missing or wrong.
ReportedRun read_reported_run(const std::string& folder);

}  // namespace nnrec::app
