#include "reported_run.hpp"

#include <algorithm>
#include <filesystem>
#include <span>

#include "nnrec/base/error.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/option_lines.hpp"

namespace nnrec::app {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] void throw_nothing_held_out(const std::string& place) {
  throw InputError(
      "{}: no epoch has a validation_rmse or a test_rmse: the run's data had only training rows, "
      "so there is nothing to compare. Leave that run out of the report, or train it on data with "
      "such a part.",
      place);
}

/// What the result says of a variant that ended without an epoch of its own, as a branch that had
/// none left.
run::HistoryRow row_of_end(const std::string& folder, const run::VariantEnd& end) {
  run::HistoryRow row{end.variant, end.epochs, end.steps, {}, {}, {}};
  if (end.validation) {
    row.validation_rmse = end.validation->rmse;
  } else if (end.test) {
    row.test_rmse = end.test->rmse;
  } else {
    throw_nothing_held_out(fmt::format("{}: {}", folder, end.variant));
  }
  return row;
}

std::vector<run::HistoryRow> read_rows(const std::string& folder,
                                       const std::optional<run::RunEnd>& end) {
  const run::History history(folder);
  auto rows = history.read();
  for (const run::HistoryRow& row : rows) {
    const auto is_judged = [&](const run::HistoryRow& other) {
      return other.variant == row.variant && other.held_out_rmse();
    };
    if (std::ranges::none_of(rows, is_judged))
      throw_nothing_held_out(fmt::format("{}: {}", history.path().string(), row.variant));
  }
  for (const auto& one : end ? std::span(end->variants) : std::span<const run::VariantEnd>()) {
    if (std::ranges::find(rows, one.variant, &run::HistoryRow::variant) == rows.end())
      rows.push_back(row_of_end(folder, one));
  }
  if (rows.empty()) {
    throw InputError(
        "{}:2:1: no epoch has ended there yet. Let the run train until one has, or leave it out of "
        "the report.",
        history.path().string());
  }
  return rows;
}

/// The one that a command gave, where it trained this variant.
std::string preset_of_command(const Options& options, const std::string& variant) {
  const std::string trained = run::value_of(options, "variant");
  const auto names = split(trained, ',');
  const bool is_of_it =
      trained.empty() || trained == "all" || std::ranges::find(names, variant) != names.end();
  return is_of_it ? run::value_of(options, "preset") : kUnknownPreset;
}

/// What the newest checkpoint that can be read says; without one only what a command gave.
ReportedVariant variant_by_checkpoint(const ReportedRun& run, const std::string& variant) {
  ReportedVariant reported{variant};
  auto saved = run::find_checkpoints(run.folder, variant);
  for (; !saved.empty(); saved.pop_back()) {
    try {
      const train::CheckpointInfo info = train::read_checkpoint_head(saved.back().path).info;
      reported.options = run::read_option_lines(info.options);
      reported.data_digest = info.data_digest;
      reported.changes = info.changes;
      reported.preset = run::value_of(reported.options, "preset");
      return reported;
    } catch (const InputError&) {  // damaged: the one before was trained by options like its
    }
  }
  reported.preset = preset_of_command(run.options, variant);
  return reported;
}

ReportedVariant read_variant(const ReportedRun& run, const std::string& variant) {
  const auto ends = run.end ? std::span(run.end->variants) : std::span<const run::VariantEnd>();
  const auto end = std::ranges::find(ends, variant, &run::VariantEnd::variant);
  if (end == ends.end()) return variant_by_checkpoint(run, variant);
  return {variant,           end->option("preset"),
          end->options,      run::value_of(run.end->data, "digest"),
          end->model_digest, end->changes};
}

std::vector<ReportedVariant> read_variants(const ReportedRun& run) {
  std::vector<ReportedVariant> variants;
  for (const auto& row : run.rows) {
    if (std::ranges::find(variants, row.variant, &ReportedVariant::name) != variants.end())
      continue;
    variants.push_back(read_variant(run, row.variant));
    if (variants.back().preset.empty()) variants.back().preset = kPublishedPreset;
  }
  return variants;
}

}  // namespace

const ReportedVariant* ReportedRun::variant(const std::string& variant_name) const {
  const auto found = std::ranges::find(variants, variant_name, &ReportedVariant::name);
  return found == variants.end() ? nullptr : &*found;
}

std::filesystem::path whole_path(const std::filesystem::path& folder) {
  const auto path = std::filesystem::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

std::string run_name(const std::string& folder) {
  return whole_path(folder).filename().string();
}

ReportedRun read_reported_run(const std::string& folder) {
  ReportedRun reported;
  reported.folder = folder;
  reported.name = run_name(folder);
  reported.end = run::read_result(folder);
  reported.rows = read_rows(folder, reported.end);
  reported.options = run::read_saved_options(folder);
  reported.variants = read_variants(reported);
  return reported;
}

}  // namespace nnrec::app
