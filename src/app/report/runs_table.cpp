#include "runs_table.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace nnrec::app {
namespace {

using Row = std::vector<HtmlCell>;

std::string figure_of(const std::optional<run::ErrorFigures>& errors,
                      double run::ErrorFigures::*figure = &run::ErrorFigures::rmse) {
  return errors ? fmt::format("{:.4f}", *errors.*figure) : "-";
}

std::string optional_of(const std::optional<run::ErrorFigures>& errors,
                        std::optional<double> run::ErrorFigures::*figure) {
  const auto value = errors ? (*errors).*figure : std::nullopt;
  return value ? fmt::format("{:.4f}", *value) : "-";
}

/// Without those that have "-" in every row.
HtmlTable without_empty_columns(HtmlTable table) {
  for (std::size_t column = table.head.size(); column-- > 0;) {
    const bool is_empty =
        std::ranges::all_of(table.rows, [&](const Row& row) { return row[column].text == "-"; });
    if (!is_empty) continue;
    const auto at = static_cast<std::ptrdiff_t>(column);
    table.head.erase(table.head.begin() + at);
    for (Row& row : table.rows) row.erase(row.begin() + at);
  }
  return table;
}

Row ended_row(const ReportedRun& run, const run::VariantEnd& end) {
  const std::string preset = end.option("preset");
  // Of the part that was looked at least.
  const auto& errors = end.test ? end.test : end.validation;
  return {fmt::format("{} / {}", run.name, end.variant),
          preset.empty() ? kPublishedPreset : preset,
          "finished",
          std::to_string(end.epochs),
          figure_of(end.validation),
          figure_of(end.test),
          figure_of(end.best_test),
          optional_of(errors, &run::ErrorFigures::clipped_rmse),
          figure_of(errors, &run::ErrorFigures::mae),
          optional_of(errors, &run::ErrorFigures::warm_rmse),
          figure_of(run.end->training_mean),
          figure_of(run.end->user_item_means)};
}

std::optional<run::ErrorFigures> errors_of(const std::optional<double>& rmse) {
  if (!rmse) return std::nullopt;
  run::ErrorFigures errors;
  errors.rmse = *rmse;
  return errors;
}

/// Of history alone: the run has not ended, or its last command was about other variants.
Row row_of_history(const ReportedRun& run, const ReportedVariant& variant) {
  const auto last = std::find_if(run.rows.rbegin(), run.rows.rend(),
                                 [&](const auto& row) { return row.variant == variant.name; });
  return {fmt::format("{} / {}", run.name, variant.name),
          variant.preset,
          run.end ? "of an earlier command" : "unfinished",
          std::to_string(last->epoch),
          figure_of(errors_of(last->validation_rmse)),
          figure_of(errors_of(last->test_rmse)),
          "-",
          "-",
          "-",
          "-",
          "-",
          "-"};
}

}  // namespace

HtmlTable runs_table(const std::vector<ReportedRun>& runs) {
  HtmlTable table{
      "runs",
      "How each variant of each run ended. Clipped RMSE, MAE and warm RMSE are of the "
      "test part, without one of the validation part; so are the last two columns, which need no "
      "model",
      {"run / variant", "preset", "state", "epochs", "validation RMSE", "test RMSE",
       "test RMSE, best model", "clipped RMSE", "MAE", "warm RMSE", "training mean",
       "user + item means"},
      {}};
  for (const ReportedRun& run : runs) {
    const auto ends = run.end ? run.end->variants : std::vector<run::VariantEnd>();
    for (const ReportedVariant& variant : run.variants) {
      if (std::ranges::find(ends, variant.name, &run::VariantEnd::variant) == ends.end())
        table.rows.push_back(row_of_history(run, variant));
    }
    for (const auto& end : ends) table.rows.push_back(ended_row(run, end));
  }
  return without_empty_columns(std::move(table));
}

}  // namespace nnrec::app
