#include "split_table.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/run/result.hpp"

#include "averaged_runs.hpp"
#include "published.hpp"
#include "reported_run.hpp"

namespace nnrec::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader = "kind,model,split,rmse,uses";
constexpr std::size_t kFields = 5;

ReferenceResult read_line(const std::string& line, const std::string& place) {
  const auto parts = split(line, ',');
  if (parts.size() != kFields)
    throw InputError("{}: has not the {} fields {}", place, kFields, kHeader);
  const std::vector<std::string> fields(parts.begin(), parts.end());
  const auto rmse = parse_number<double>(fields[3]);
  if (!rmse || !(*rmse > 0)) throw InputError("{}: rmse = {} is no error", place, fields[3]);
  return {fields[0], fields[1], fields[2], fields[3], fields[4]};
}

/// One of ours: variant and preset, in the order of first appearance.
struct OwnModel {
  std::string variant;
  std::string preset;
  std::map<std::string, std::vector<double>> errors;     ///< by split
  std::map<std::string, std::vector<AveragedRun>> runs;  ///< so, too
};

/// The runs' models, and the splits in the order of first appearance.
struct Measured {
  std::vector<OwnModel> models;
  std::vector<std::string> splits;
};

template <typename List, typename Found>
auto& found_or_added(List& list, const Found& is_it, typename List::value_type fresh) {
  const auto found = std::ranges::find_if(list, is_it);
  if (found != list.end()) return *found;
  list.push_back(std::move(fresh));
  return list.back();
}

double test_error(const fs::path& run, const run::VariantEnd& end) {
  if (end.test) return end.test->clipped_rmse.value_or(end.test->rmse);
  throw InputError("{}: {} has no error of a test part", run.string(), end.variant);
}

void add_run(const fs::path& run, Measured& measured) {
  const auto ended = run::read_result(run);
  if (!ended)
    throw InputError("{}: has no {}: the run has not ended", run.string(), run::kResultFileName);
  const fs::path whole = whole_path(run);
  const std::string split = whole.parent_path().filename().string();
  found_or_added(
      measured.splits, [&split](const auto& one) { return one == split; }, split);
  for (const run::VariantEnd& end : ended->variants) {
    const std::string preset = end.option("preset");
    OwnModel& model = found_or_added(
        measured.models,
        [&](const OwnModel& one) { return one.variant == end.variant && one.preset == preset; },
        {end.variant, preset, {}, {}});
    model.errors[split].push_back(test_error(run, end));
    model.runs[split].push_back(
        {whole.filename().string(), end.epochs, end.model_digest, end.options, end.changes});
  }
}

std::string reference_text(const std::vector<ReferenceResult>& references, const std::string& kind,
                           const std::string& model, const std::string& split) {
  const auto found = std::ranges::find_if(references, [&](const ReferenceResult& one) {
    return one.kind == kind && one.model == model && one.split == split;
  });
  return found == references.end() ? "-" : found->rmse;
}

void add_cells(const std::vector<double>& errors, const std::string& goal, TableRow& row) {
  if (errors.empty()) {
    row.insert(row.end(), {"-", "-", goal});
    return;
  }
  double sum = 0;
  for (const double error : errors) sum += error;
  row.insert(
      row.end(),
      {fmt::format("{:.4f}", sum / static_cast<double>(errors.size())),
       fmt::format("{:.4f}..{:.4f}", std::ranges::min(errors), std::ranges::max(errors)), goal});
}

TableRow own_row(OwnModel model, const Measured& measured,
                 const std::vector<ReferenceResult>& references) {
  TableRow row{model.variant + ", " + model.preset};
  for (const std::string& split : measured.splits)
    add_cells(model.errors[split], reference_text(references, model.preset, model.variant, split),
              row);
  const auto published = published_result(model.variant);
  row.insert(row.end(), {published ? fmt::format("{:.3f}", published->val_rmse) : "-", ""});
  return row;
}

/// Each model of others once, with what it reaches on the splits that were measured.
void add_others(const std::vector<ReferenceResult>& references, const Measured& measured,
                std::vector<TableRow>& rows) {
  std::vector<std::pair<std::string, std::string>> seen;
  for (const ReferenceResult& one : references) {
    const bool is_known = std::ranges::find(measured.splits, one.split) != measured.splits.end();
    const std::pair key(one.kind, one.model);
    if ((one.kind != "other" && one.kind != "record") || !is_known ||
        std::ranges::find(seen, key) != seen.end())
      continue;
    seen.push_back(key);
    TableRow row{one.kind == "record" ? one.model + ", reported" : one.model};
    for (const std::string& split : measured.splits)
      row.insert(row.end(), {reference_text(references, one.kind, one.model, split), "", ""});
    row.insert(row.end(), {"", one.uses});
    rows.push_back(std::move(row));
  }
}

/// Behind an empty line, a line each.
std::string notes_text(const Measured& measured) {
  std::string text;
  for (const OwnModel& model : measured.models) {
    for (const std::string& split : measured.splits) {
      const auto runs = model.runs.find(split);
      if (runs == model.runs.end()) continue;
      const auto name = fmt::format("{}, {}, on {}", model.variant, model.preset, split);
      for (const std::string& note : notes_on_mean(name, runs->second)) text += "\n" + note + "\n";
    }
  }
  return text;
}

}  // namespace

std::vector<ReferenceResult> read_references(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line != kHeader)
    throw InputError("{}:1: is not the line {}", path.string(), kHeader);
  std::vector<ReferenceResult> references;
  for (std::size_t number = 2; std::getline(file, line); ++number)
    references.push_back(read_line(line, fmt::format("{}:{}", path.string(), number)));
  return references;
}

std::string split_table(const std::vector<std::string>& runs,
                        const std::vector<ReferenceResult>& references, TableFormat format) {
  Measured measured;
  for (const std::string& run : runs) add_run(run, measured);
  TableRow names{"model"};
  for (const std::string& split : measured.splits)
    names.insert(names.end(), {split, "spread", "goal"});
  names.insert(names.end(), {"published", "uses"});
  std::vector<TableRow> rows{names};
  for (const OwnModel& model : measured.models)
    rows.push_back(own_row(model, measured, references));
  add_others(references, measured, rows);
  return table_of_texts(rows, format) + notes_text(measured);
}

}  // namespace nnrec::app
