#include "results.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "nnrec/base/wording.hpp"

namespace nnrec::app {
namespace {

using Row = TableRow;

VariantResult summarize_variant(const std::string& variant, const std::string& preset,
                                const std::vector<ReportedRun>& runs) {
  VariantResult result;
  result.variant = variant;
  result.preset = preset;
  result.published = published_result(variant);
  std::map<int, std::vector<double>> by_epoch;
  const auto epoch_of = [](const run::HistoryRow& row) { return static_cast<int>(row.epoch); };
  for (const ReportedRun& run : runs) {
    const ReportedVariant* reported = run.variant(variant);
    if (reported == nullptr || reported->preset != preset) continue;
    const run::HistoryRow* last = nullptr;
    std::uint64_t unjudged = 0;
    for (const auto& row : run.rows) {
      if (row.variant != variant) continue;
      if (!row.held_out_rmse()) {
        ++unjudged;
        continue;
      }
      by_epoch[epoch_of(row)].push_back(row.held_out_rmse().value());
      last = &row;
    }
    const bool first_run = result.final_rmse.empty();
    result.first_last_epoch =
        first_run ? epoch_of(*last) : std::min(result.first_last_epoch, epoch_of(*last));
    result.last_last_epoch = std::max(result.last_last_epoch, epoch_of(*last));
    result.final_rmse.push_back(last->held_out_rmse().value());
    result.runs.push_back(
        {run.name, last->epoch, reported->model_digest, reported->options, reported->changes});
    if (unjudged > 0)
      result.notes.push_back(fmt::format(
          "{}: {} epoch{} of {} had data of training rows alone and {} no RMSE; its figure is of "
          "epoch {}.",
          run.name, unjudged, plural(unjudged), variant, unjudged == 1 ? "has" : "have",
          last->epoch));
    if (!reported->data_digest.empty()) result.data_digests.insert(reported->data_digest);
  }
  for (const auto& [epoch, values] : by_epoch) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    result.curve.push_back({epoch, sum / static_cast<double>(values.size()), *low, *high});
  }
  return result;
}

std::string verdict(const VariantResult& result, const std::string& data) {
  if (!result.published) return "not published";
  if (data != kPublishedData) return "other data";
  if (!result.is_published_preset())
    return result.preset == kUnknownPreset ? result.preset : "another preset";
  const int epochs = result.published->val_curve.back().epoch;
  if (result.first_last_epoch != epochs || result.last_last_epoch != epochs)
    return fmt::format("not comparable: {} epochs, published {}", result.first_last_epoch, epochs);
  const bool accepted = result.mean() >= result.published->accepted_low &&
                        result.mean() <= result.published->accepted_high;
  return accepted ? "as published" : "DIFFERS";
}

std::string published_text(const VariantResult& result) {
  return result.published ? fmt::format("{:.3f}", result.published->val_rmse) : "-";
}

std::string difference_text(const VariantResult& result) {
  return result.published ? fmt::format("{:+.4f}", result.mean() - result.published->val_rmse)
                          : "-";
}

std::string accepted_text(const VariantResult& result) {
  if (!result.published) return "-";
  return fmt::format("{:.3f}..{:.3f}", result.published->accepted_low,
                     result.published->accepted_high);
}

std::string inside_text(const VariantResult& result) {
  if (!result.published) return "-";
  const double figure = result.published->val_rmse;
  if (figure < result.min()) return "no, below";
  return figure > result.max() ? "no, above" : "yes";
}

std::vector<Row> single_run_rows(const std::vector<VariantResult>& results,
                                 const std::string& data) {
  std::vector<Row> rows{{"variant", "published", "measured", "difference", "accepted", "verdict"}};
  for (const auto& result : results)
    rows.push_back({result.name(), published_text(result), fmt::format("{:.4f}", result.mean()),
                    difference_text(result), accepted_text(result), verdict(result, data)});
  return rows;
}

std::vector<Row> several_run_rows(const std::vector<VariantResult>& results,
                                  const std::string& data) {
  std::vector<Row> rows{{"variant", "runs", "published", "mean", "difference", "std dev",
                         "min..max", "published in spread", "accepted mean", "verdict"}};
  for (const auto& result : results) {
    const bool several = result.final_rmse.size() > 1;
    rows.push_back({result.name(), fmt::format("{}", result.final_rmse.size()),
                    published_text(result), fmt::format("{:.4f}", result.mean()),
                    difference_text(result),
                    several ? fmt::format("{:.4f}", result.standard_deviation()) : "-",
                    fmt::format("{:.4f}..{:.4f}", result.min(), result.max()), inside_text(result),
                    accepted_text(result), verdict(result, data)});
  }
  return rows;
}

}  // namespace

std::string VariantResult::name() const {
  return is_published_preset() ? variant : fmt::format("{} ({})", variant, preset);
}

double VariantResult::mean() const {
  return std::accumulate(final_rmse.begin(), final_rmse.end(), 0.0) /
         static_cast<double>(final_rmse.size());
}

double VariantResult::min() const {
  return *std::min_element(final_rmse.begin(), final_rmse.end());
}

double VariantResult::max() const {
  return *std::max_element(final_rmse.begin(), final_rmse.end());
}

double VariantResult::standard_deviation() const {
  double squares = 0;
  for (const double value : final_rmse) squares += (value - mean()) * (value - mean());
  return std::sqrt(squares / static_cast<double>(final_rmse.size() - 1));
}

std::vector<VariantResult> summarize(const std::vector<ReportedRun>& runs) {
  std::vector<std::string> present;
  std::vector<std::string> presets{kPublishedPreset};
  const auto note = [](std::vector<std::string>& known, const std::string& name) {
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
  };
  for (const ReportedRun& run : runs) {
    for (const ReportedVariant& reported : run.variants) {
      note(presets, reported.preset);
      note(present, reported.name);
    }
  }
  std::vector<std::string> order;
  for (const auto& variant : published_variants())
    if (std::erase(present, variant) != 0) order.push_back(variant);
  order.insert(order.end(), present.begin(), present.end());
  std::vector<VariantResult> results;
  for (const auto& variant : order) {
    for (const auto& preset : presets) {
      auto result = summarize_variant(variant, preset, runs);
      if (!result.final_rmse.empty()) results.push_back(std::move(result));
    }
  }
  return results;
}

std::vector<TableRow> results_rows(const std::vector<VariantResult>& results,
                                   const std::string& data) {
  const bool several = std::any_of(results.begin(), results.end(), [](const VariantResult& result) {
    return result.final_rmse.size() > 1;
  });
  return several ? several_run_rows(results, data) : single_run_rows(results, data);
}

std::string results_table(const std::vector<VariantResult>& results, const std::string& data,
                          TableFormat format) {
  return table_of_texts(results_rows(results, data), format);
}

namespace {

std::optional<std::string> note_on_basic(const std::vector<VariantResult>& results) {
  const VariantResult* published = nullptr;
  const VariantResult* tuned = nullptr;
  for (const auto& result : results) {
    if (result.variant != "basic") continue;
    (result.is_published_preset() ? published : tuned) = &result;
  }
  if (published == nullptr) return std::nullopt;
  std::string note =
      "Why basic ends near 3.695 where others end near 0.94: it is a bare product of two rows, its "
      "first weights lie within 0.05 of 0, and with the published rate 20 epochs leave it near "
      "predicting 0, whose RMSE is about 3.7.";
  if (tuned == nullptr) return note + " With --preset tuned the same variant leaves that start.";
  return note + fmt::format(" {} reaches {:.4f} in {} epochs.", tuned->name(), tuned->mean(),
                            tuned->last_last_epoch);
}

}  // namespace

std::vector<std::string> results_notes(const std::vector<VariantResult>& results) {
  std::vector<std::string> notes;
  for (const VariantResult& result : results) {
    if (result.data_digests.size() > 1)
      notes.push_back(fmt::format(
          "The runs of {} were trained on {} different data sets: mean and spread are of "
          "errors that do not compare.",
          result.name(), result.data_digests.size()));
    notes.insert(notes.end(), result.notes.begin(), result.notes.end());
    for (auto& note : notes_on_mean(result.name(), result.runs)) notes.push_back(std::move(note));
  }
  if (auto note = note_on_basic(results)) notes.push_back(std::move(*note));
  return notes;
}

}  // namespace nnrec::app
