#include "reported_run.hpp"

#include <algorithm>
#include <filesystem>

#include "nnrec/base/error.hpp"
#include "nnrec/run/option_lines.hpp"

#include "results.hpp"

namespace nnrec::app {
namespace {

std::vector<run::HistoryRow> read_rows(const std::string& folder) {
  constexpr const char* kRemedy = "Leave that run out of the report, or train it again.";
  const run::History history(folder);
  auto rows = history.read();
  if (rows.empty())
    throw InputError("{}:2:1: no epoch is there. {}", history.path().string(), kRemedy);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].held_out_rmse()) continue;
    throw InputError(
        "{}:{}: has no validation_rmse and no test_rmse: the run's data has only training rows, so "
        "there "
        "is nothing to compare. "
        "{}",
        history.path().string(), i + 2, kRemedy);
  }
  return rows;
}

}  // namespace

std::string ReportedRun::preset() const {
  const auto found =
      std::ranges::find(options, "preset", &std::pair<std::string, std::string>::first);
  return found == options.end() ? kPublishedPreset : found->second;
}

std::vector<std::string> ReportedRun::variants() const {
  std::vector<std::string> names;
  for (const auto& row : rows)
    if (std::ranges::find(names, row.variant) == names.end()) names.push_back(row.variant);
  return names;
}

std::string run_name(const std::string& folder) {
  const std::filesystem::path path(folder);
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

ReportedRun read_reported_run(const std::string& folder) {
  ReportedRun reported;
  reported.folder = folder;
  reported.name = run_name(folder);
  reported.rows = read_rows(folder);
  reported.options = run::read_saved_options(folder);
  reported.end = run::read_result(folder);
  return reported;
}

}  // namespace nnrec::app
