#include "averaged_runs.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nnrec/base/text.hpp"
#include "nnrec/run/changes.hpp"
#include "nnrec/run/option_lines.hpp"

namespace nnrec::app {
namespace {

using Names = std::vector<std::string>;

void add_once(Names& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

/// "rate (0.1, 2)" where not all values are the same; else empty.
std::string difference(const std::string& name, const Names& values) {
  if (values.size() < 2) return {};
  Names shown;
  for (const std::string& value : values) shown.push_back(value.empty() ? "none" : value);
  return fmt::format("{} ({})", name, fmt::join(shown, ", "));
}

Names differences(const std::vector<AveragedRun>& runs) {
  Names names;
  for (const AveragedRun& run : runs)
    for (const auto& [name, value] : run.options)
      if (name != "seed") add_once(names, name);
  Names found;
  const auto add = [&](const std::string& name, const Names& values) {
    if (auto text = difference(name, values); !text.empty()) found.push_back(std::move(text));
  };
  Names epochs;
  for (const AveragedRun& run : runs) add_once(epochs, std::to_string(run.epochs));
  add("epochs", epochs);
  for (const std::string& name : names) {
    Names values;
    for (const AveragedRun& run : runs)
      if (!run.options.empty()) add_once(values, run::value_of(run.options, name));
    add(name, values);
  }
  return found;
}

}  // namespace

std::string told_changes(const std::string& changes) {
  constexpr std::size_t kMost = 5;
  Names told;
  for (const std::string_view line : split(changes, '\n')) {
    // Others say how rows were taken over.
    const bool is_first = line.starts_with(run::kWarmStartMark) && told.empty();
    if (is_first || line.find(" = ") != std::string_view::npos) told.emplace_back(line);
  }
  if (told.size() > kMost) {
    const std::size_t more = told.size() - kMost;
    told.resize(kMost);
    told.push_back(fmt::format("and {} more", more));
  }
  if (const auto digests = run::earlier_data_digests(changes); !digests.empty())
    told.push_back(fmt::format("it has learnt from data of digest {}", fmt::join(digests, ", ")));
  return fmt::format("{}", fmt::join(told, "; "));
}

std::vector<std::string> notes_on_mean(const std::string& model,
                                       const std::vector<AveragedRun>& runs) {
  std::map<std::string, Names> by_digest;
  for (const AveragedRun& run : runs)
    if (!run.model_digest.empty()) by_digest[run.model_digest].push_back(run.name);
  std::vector<std::string> notes;
  for (const auto& [digest, names] : by_digest) {
    if (names.size() < 2) continue;
    notes.push_back(fmt::format(
        "The runs {} have the same model of {}, bit for bit: it counts {} times in mean and "
        "spread.",
        fmt::join(names, ", "), model, names.size()));
  }
  if (const Names found = differences(runs); !found.empty()) {
    notes.push_back(fmt::format(
        "The runs of {} differ in more than their seeds: {}. Mean and spread are of different "
        "recipes.",
        model, fmt::join(found, ", ")));
  }
  for (const AveragedRun& run : runs) {
    if (const std::string told = told_changes(run.changes); !told.empty())
      notes.push_back(fmt::format("The model of {} in {} is not of these options alone: {}.", model,
                                  run.name, told));
  }
  return notes;
}

}  // namespace nnrec::app
