#include "page.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "nnrec/base/build.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/run/option_lines.hpp"

#include "averaged_runs.hpp"
#include "chart.hpp"
#include "html.hpp"
#include "page_files.hpp"
#include "runs_table.hpp"

namespace nnrec::app {
namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;
using Row = std::vector<HtmlCell>;

/// A part of the page, with its heading and its link at the top.
struct Section {
  const char* id;
  const char* heading;
  std::string content;  ///< HTML
};

std::string paragraph(const std::string& text, const char* kind = "") {
  return fmt::format("<p{}>{}</p>\n", kind, html_text(text));
}

std::string folded(const std::string& summary, const std::string& content) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(summary), content);
}

// ------------------------------------------------------------------- results

HtmlCell verdict_cell(const std::string& verdict) {
  HtmlCell cell(verdict);
  if (verdict == "as published") cell.kind = "good";
  if (verdict == "DIFFERS") cell.kind = "bad";
  return cell;
}

std::string results_section(const ReportPage& page) {
  const auto texts = results_rows(page.results, page.data);
  HtmlTable table{
      "verdicts",
      "RMSE of the last epoch beside the published figure, and the range that a faithful "
      "reproduction ends in",
      texts.front(),
      {}};
  for (std::size_t i = 1; i < texts.size(); ++i) {
    Row row(texts[i].begin(), texts[i].end());
    row.back() = verdict_cell(texts[i].back());
    table.rows.push_back(std::move(row));
  }
  std::string content = html_table(table);
  for (const auto& note : results_notes(page.results))
    content += paragraph(note, " class=\"note\"");
  return content;
}

// -------------------------------------------------------------------- curves

/// As the chart's points.
constexpr std::array<const char*, kChartColours> kPointSigns{"\u25CF", "\u25A0", "\u25B2", "\u25BC",
                                                             "\u25C6", "\u25CF", "\u25A0"};

std::string legend(const std::vector<ChartCurve>& curves) {
  std::string text = "<ul class=\"legend\">\n";
  for (const ChartCurve& curve : curves) {
    const auto line =
        curve.is_published
            ? fmt::format("<span class=\"line published colour-{}\" aria-hidden=\"true\"></span>",
                          curve.colour)
            : fmt::format(
                  "<span class=\"line colour-{}\" data-point=\"{}\" aria-hidden=\"true\"></span>",
                  curve.colour, kPointSigns.at(curve.colour));
    text += fmt::format("<li>{}{}</li>\n", line, html_text(curve.label()));
  }
  return text + "</ul>\n";
}

/// A row an epoch, which a screen reader and the script read.
HtmlTable curve_table(const std::vector<ChartCurve>& curves) {
  HtmlTable table{"curves", "RMSE by epoch", {"epoch"}, {}};
  std::map<int, std::vector<std::string>> values;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    table.head.push_back(curves[i].name);
    for (const auto& point : curves[i].points) {
      auto& row = values[point.epoch];
      row.resize(curves.size(), "-");
      row[i] = fmt::format("{:.4f}", point.mean);
    }
  }
  for (const auto& [epoch, texts] : values) {
    Row row{std::to_string(epoch)};
    row.insert(row.end(), texts.begin(), texts.end());
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string ends_of(const std::vector<ChartCurve>& curves) {
  std::string text;
  for (const ChartCurve& curve : curves) text += (text.empty() ? "" : "; ") + curve.label();
  return text + ".";
}

std::string curves_section(const ReportPage& page) {
  const auto curves = chart_curves(page.results);
  constexpr const char* kNamedBy = "chart-name chart-ends";
  return fmt::format(
             "<figure>\n<figcaption id=\"chart-name\">RMSE over epochs of ratings that were not "
             "trained on: of the validation part where there is one, else of the test "
             "part</figcaption>\n"
             "<p id=\"chart-ends\" hidden=\"hidden\">Lines and where they end: {}</p>\n"
             "{}<div class=\"chart\">\n{}{}</div>\n</figure>\n",
             html_text(ends_of(curves)), legend(curves),
             page_chart(curves, PageWidth::wide, kNamedBy),
             page_chart(curves, PageWidth::narrow, kNamedBy)) +
         folded("The same as a table", html_table(curve_table(curves)));
}

// ------------------------------------------------------------ times and bytes

/// One variant of a finished run.
struct Ended {
  std::string name;
  const run::VariantEnd& end;
};

std::vector<Ended> ended_of(const ReportPage& page) {
  std::vector<Ended> all;
  for (const ReportedRun& run : page.runs) {
    if (!run.end) continue;
    for (const auto& end : run.end->variants)
      all.push_back({fmt::format("{} / {}", run.name, end.variant), end});
  }
  return all;
}

double seconds_of(const run::VariantEnd& end, std::string_view phase) {
  for (const auto& [name, seconds] : end.seconds)
    if (name == phase) return seconds;
  return 0;
}

/// A phase a row, an ended variant a column; a bar says which share of the variant's time it is.
HtmlTable time_table(const std::vector<Ended>& ended) {
  HtmlTable table{
      "times",
      "Seconds of rank 0 by phase, in the job that ended the run; bars are shares of all",
      {"phase"},
      {}};
  for (const Ended& one : ended) table.head.push_back(one.name);
  const auto all = [](const run::VariantEnd& end) {
    return seconds_of(end, "training") + seconds_of(end, "evaluate") + seconds_of(end, "save");
  };
  for (const auto phase : train::kPhaseNames) {
    Row row{std::string(phase)};
    for (const Ended& one : ended) {
      const double seconds = seconds_of(one.end, phase);
      HtmlCell cell(fmt::format("{:.3f}", seconds));
      cell.share = all(one.end) > 0 ? std::min(seconds / all(one.end), 1.0) : 0;
      row.push_back(std::move(cell));
    }
    table.rows.push_back(std::move(row));
  }
  Row total{"all"};
  for (const Ended& one : ended) total.emplace_back(fmt::format("{:.3f}", all(one.end)));
  table.rows.push_back(std::move(total));
  return table;
}

HtmlTable forecast_table(const std::vector<Ended>& ended) {
  HtmlTable table{
      "forecasts",
      "What the first epoch foretold of the later ones, and what they took; of a node's "
      "memory, what is used has programs and MPI in it",
      {"run / variant", "batch, ms: foretold", "took", "memory: foretold", "used"},
      {}};
  for (const Ended& one : ended) {
    if (!one.end.forecast) continue;
    const run::Foretold& seconds = one.end.forecast->batch_seconds;
    const run::Foretold& memory = one.end.forecast->node_memory;
    table.rows.push_back({one.name, fmt::format("{:.2f}", 1e3 * seconds.forecast),
                          fmt::format("{:.2f}", 1e3 * seconds.measured), byte_text(memory.forecast),
                          memory.measured > 0 ? byte_text(memory.measured) : "unknown"});
  }
  return table;
}

/// A number of nodes a row, of each ended variant.
HtmlTable scaling_table(const std::vector<Ended>& ended) {
  std::vector<std::string> networks;
  for (const Ended& one : ended) {
    if (!one.end.forecast) continue;
    const std::string& network = one.end.forecast->scaling.network;
    if (!network.empty() && std::ranges::find(networks, network) == networks.end())
      networks.push_back(network);
  }
  HtmlTable table{
      "scaling",
      fmt::format("What a batch would take on more nodes like the run's, by what it cost in the "
                  "first epoch; efficiency: of all ranks, by what one alone needs. Network: {}",
                  fmt::join(networks, "; ")),
      {"run / variant", "nodes", "ranks", "batch, ms", "efficiency", "sent a node and batch"},
      {}};
  for (const Ended& one : ended) {
    if (!one.end.forecast) continue;
    for (const run::ClusterForecast& cluster : one.end.forecast->scaling.clusters) {
      HtmlCell efficiency(fmt::format("{:.0f} %", 100 * cluster.efficiency));
      efficiency.share = std::clamp(cluster.efficiency, 0.0, 1.0);
      table.rows.push_back({one.name, std::to_string(cluster.nodes), grouped(cluster.ranks),
                            fmt::format("{:.2f}", 1e3 * cluster.batch_seconds),
                            std::move(efficiency),
                            cluster.nodes == 1 ? "nothing" : byte_text(cluster.batch_bytes)});
    }
  }
  return table;
}

HtmlTable message_table(const std::vector<Ended>& ended) {
  HtmlTable table{"messages",
                  "Messages between nodes",
                  {"run / variant", "ranks x threads", "batches", "sent a node", "at least needed"},
                  {}};
  for (const Ended& one : ended) {
    const auto bytes = [](std::uint64_t count) { return byte_text(static_cast<double>(count)); };
    table.rows.push_back({one.name, fmt::format("{} x {}", one.end.ranks, one.end.threads),
                          grouped(one.end.batches),
                          one.end.bytes_sent == 0 ? "nothing" : bytes(one.end.bytes_sent),
                          bytes(one.end.bytes_needed)});
  }
  return table;
}

std::string times_section(const ReportPage& page) {
  const auto ended = ended_of(page);
  if (ended.empty()) return paragraph("No run has ended: a result.json says how long phases took.");
  std::string content = html_table(time_table(ended)) + html_table(message_table(ended));
  if (const HtmlTable forecasts = forecast_table(ended); !forecasts.rows.empty())
    content += html_table(forecasts);
  if (const HtmlTable scaling = scaling_table(ended); !scaling.rows.empty())
    content += html_table(scaling);
  HtmlTable models{"models", "Models", {"model", "parameters", "bytes"}, {}};
  for (const SetAnswers& set : page.answers.sets) {
    for (std::size_t i = 0; i < set.models.size(); ++i)
      models.rows.push_back({set.models[i], grouped(set.parameters[i]),
                             byte_text(static_cast<double>(sizeof(float) * set.parameters[i]))});
  }
  return models.rows.empty() ? content : content + html_table(models);
}

// ---------------------------------------------------------- facts side by side

/// A name a row, a column each of `facts`; what is the same in all stands once.
HtmlTable compared(const std::string& id, const std::string& caption,
                   const std::vector<std::pair<std::string, Texts>>& facts) {
  HtmlTable table{id, caption, {"name"}, {}};
  std::vector<std::string> names;
  for (const auto& [who, texts] : facts) {
    table.head.push_back(who);
    for (const auto& [name, text] : texts)
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  for (const auto& name : names) {
    Row row{name};
    for (const auto& [who, texts] : facts) {
      row.emplace_back(run::value_of(texts, name));
      row.back().kind = "differs";
    }
    const bool is_same = std::all_of(row.begin() + 2, row.end(),
                                     [&](const auto& cell) { return cell.text == row[1].text; });
    if (is_same) {
      row.erase(row.begin() + 2, row.end());
      row[1].kind = name == "digest" ? "digest" : "";
      row[1].columns = facts.size();
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Texts facts_of(const shards::Manifest& manifest) {
  const auto range = [](double low, double high) { return fmt::format("{:g} to {:g}", low, high); };
  Texts facts{{"source", manifest.source}, {"format", manifest.format}, {"split", manifest.split}};
  for (const shards::Part part : shards::kParts)
    facts.emplace_back(fmt::format("{} ratings", shards::part_name(part)),
                       grouped(manifest.rows(part)));
  facts.insert(
      facts.end(),
      {{"users", grouped(manifest.user_count)},
       {"items", grouped(manifest.item_count)},
       {"titles", grouped(manifest.title_count)},
       {"ratings seen", range(manifest.rating_min, manifest.rating_max)},
       {"declared scale",
        manifest.has_scale ? range(manifest.scale_low, manifest.scale_high) : "none"},
       {"mean of the training ratings", fmt::format("{:.4f}", manifest.train_rating_mean)},
       {"times", manifest.has_time ? date(manifest.time_min) + " to " + date(manifest.time_max)
                                   : std::string("none")},
       {"test users without a training rating", grouped(manifest.cold_users)},
       {"test items without a training rating", grouped(manifest.cold_items)},
       {"pairs of the test part that are in another part, too", grouped(manifest.overlap_pairs)},
       {"digest", manifest.digest}});
  return facts;
}

std::string data_section(const ReportPage& page) {
  std::vector<std::pair<std::string, Texts>> facts;
  for (const SetAnswers& set : page.answers.sets)
    facts.emplace_back(set.folder, facts_of(set.manifest));
  if (!facts.empty())
    return html_table(compared("set", "What the prepared set says of itself", facts));
  for (const ReportedRun& run : page.runs)
    if (run.end) facts.emplace_back(run.name, run.end->data);
  if (facts.empty()) return paragraph("Neither a set nor a finished run is there to say more.");
  return html_table(compared("set", "What runs say of the set that they were trained on", facts));
}

// ----------------------------------------------------------- what models answer

std::string left_out(const ReportPage& page) {
  std::string text;
  for (const auto& sentence : page.answers.left_out)
    text += paragraph("Not asked: " + sentence, " class=\"small\"");
  return text;
}

std::string error_table(const serve::Table& table, std::size_t set) {
  HtmlTable shown{fmt::format("{}-{}", table.name, set), table.caption, {""}, {}};
  if (shown.caption.ends_with(':')) shown.caption.pop_back();
  shown.head.front() = table.name.starts_with("by_") ? "group" : "who";
  shown.head.insert(shown.head.end(), table.columns.begin(), table.columns.end());
  for (const auto& [label, cells] : table.rows) {
    Row row{label};
    for (const auto& cell : cells) row.emplace_back(serve::cell_text(cell));
    shown.rows.push_back(std::move(row));
  }
  return html_table(shown);
}

std::string errors_section(const ReportPage& page) {
  std::string content;
  for (std::size_t i = 0; i < page.answers.sets.size(); ++i) {
    const SetAnswers& set = page.answers.sets[i];
    content +=
        paragraph(fmt::format("Of the {} part of {}, by the checkpoint that answers: the best "
                              "by validation RMSE, else the last.",
                              set.part, set.folder));
    for (const std::string& doubt : set.doubts) content += paragraph(doubt);
    std::string more;
    for (const auto& table : set.errors) {
      const bool is_first = table.name == "errors" || table.name == "by_exposure";
      (is_first ? content : more) += error_table(table, i);
    }
    if (!more.empty())
      content += folded("By numbers of training ratings, by rating, and differences", more);
  }
  return content + left_out(page);
}

std::string user_table(const SetAnswers& set, const UserLists& user, const std::string& id) {
  HtmlTable table{
      id,
      fmt::format("User {}, {} training ratings", user.user, grouped(user.training_ratings)),
      {"rank"},
      {}};
  table.head.insert(table.head.end(), set.models.begin(), set.models.end());
  for (std::size_t rank = 0; rank < kSampleTop; ++rank) {
    Row row{std::to_string(rank + 1)};
    for (const auto& list : user.lists) row.emplace_back(rank < list.size() ? list[rank] : "");
    table.rows.push_back(std::move(row));
  }
  return html_table(table);
}

std::string lists_section(const ReportPage& page) {
  std::string content;
  if (!page.answers.sets.empty())
    content = paragraph(
        "What each model would recommend to users of few, middling and many training ratings, "
        "without "
        "what they have rated; behind each title the predicted rating.");
  for (std::size_t i = 0; i < page.answers.sets.size(); ++i) {
    const SetAnswers& set = page.answers.sets[i];
    for (std::size_t user = 0; user < set.lists.size(); ++user)
      content += user_table(set, set.lists[user], fmt::format("list-{}-{}", i, user));
  }
  return content + left_out(page);
}

// ------------------------------------------------------- settings, digests, build

std::string settings_section(const ReportPage& page) {
  std::vector<std::pair<std::string, Texts>> deciding;
  std::vector<std::pair<std::string, Texts>> commands;
  for (const ReportedRun& run : page.runs) {
    if (!run.options.empty()) commands.emplace_back(run.name, run.options);
    for (const ReportedVariant& variant : run.variants) {
      if (variant.options.empty()) continue;
      Texts options = variant.options;
      if (const std::string told = told_changes(variant.changes); !told.empty())
        options.emplace_back("changes", told);
      deciding.emplace_back(fmt::format("{} / {}", run.name, variant.name), std::move(options));
    }
  }
  std::string content;
  if (!deciding.empty())
    content += html_table(compared(
        "deciding", "What decides each variant's bits, by its own record; marked is what differs",
        deciding));
  if (commands.empty()) return content + paragraph("No run has an options.cfg.");
  return content +
         html_table(compared("settings",
                             commands.size() > 1
                                 ? "options.cfg of each run, of its last command; marked is what "
                                   "differs"
                                 : "options.cfg, of the last command, which --config reads back",
                             commands));
}

std::string digests_section(const ReportPage& page) {
  HtmlTable table{
      "digests", "SHA-256 of values: equal digests are equal bits", {"what", "digest"}, {}};
  const auto add = [&](const std::string& what, const std::string& digest) {
    Row row{what, digest};
    row.back().kind = "digest";
    table.rows.push_back(std::move(row));
  };
  for (const ReportedRun& run : page.runs)
    if (run.end) add("data of " + run.name, run::value_of(run.end->data, "digest"));
  for (const Ended& one : ended_of(page)) add("model " + one.name, one.end.model_digest);
  return table.rows.empty() ? paragraph("No run has ended.") : html_table(table);
}

std::string build_section(const ReportPage& page) {
  std::vector<std::pair<std::string, Texts>> facts;
  for (const ReportedRun& run : page.runs) {
    if (!run.end) continue;
    const auto& ends = run.end->variants;
    const bool is_one = std::ranges::all_of(
        ends, [&](const run::VariantEnd& end) { return end.build == ends.front().build; });
    for (const run::VariantEnd& end : ends) {
      facts.emplace_back(is_one ? run.name : fmt::format("{} / {}", run.name, end.variant),
                         end.build);
      if (is_one) break;
    }
  }
  if (facts.empty()) return paragraph("No run has ended.");
  return html_table(compared("build", "Of the program that ended each run", facts));
}

// ---------------------------------------------------------------------- the page

std::string navigation(const std::vector<Section>& sections) {
  std::string text = "<nav aria-label=\"Sections\"><ul>\n";
  for (const Section& section : sections)
    text += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", section.id, section.heading);
  return text + "</ul></nav>\n";
}

std::string head(const std::string& title) {
  // Whatever got in, a browser loads nothing from elsewhere for this page.
  constexpr const char* kPolicy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
      "form-action 'none'";
  return fmt::format(
      "<head>\n<meta charset=\"utf-8\" />\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\" />\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
      "<meta name=\"color-scheme\" content=\"light dark\" />\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n",
      kPolicy, title, kPageStyle);
}

std::string lead(const ReportPage& page) {
  std::vector<std::string> names;
  for (const ReportedRun& run : page.runs) names.push_back(run.name);
  std::vector<std::string> variants;
  for (const VariantResult& result : page.results) variants.push_back(result.name());
  return fmt::format("{} of {}: {}",
                     page.runs.size() == 1 ? "One run" : fmt::format("{} runs", page.runs.size()),
                     fmt::join(variants, ", "), fmt::join(names, ", "));
}

std::string script() {
  // As XML text the comparison signs would be markup; for HTML the marks are comments of the
  // script.
  return fmt::format("<script>//<![CDATA[{}//]]></script>\n", kPageScript);
}

}  // namespace

std::string page_text(const ReportPage& page) {
  const std::vector<Section> sections{
      {"results", "Results", results_section(page)},
      {"epochs", "RMSE over epochs", curves_section(page)},
      {"ends", "Runs", html_table(runs_table(page.runs))},
      {"phases", "Time and memory", times_section(page)},
      {"data", "Data set", data_section(page)},
      {"exposure", "Error by exposure", errors_section(page)},
      {"samples", "Sample recommendations", lists_section(page)},
      {"options", "Settings", settings_section(page)},
      {"sums", "Digests", digests_section(page)},
      {"program", "Build", build_section(page)},
  };
  const std::string title = html_text("RMSE on " + page.data);
  std::string text =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n" + head(title) +
      "<body>\n<a class=\"skip\" href=\"#results\">To the results</a>\n";
  text += fmt::format("<header>\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{}</header>\n<main>\n",
                      title, html_text(lead(page)), navigation(sections));
  for (const Section& section : sections)
    text +=
        fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n",
                    section.id, section.heading, section.content);
  const std::string build = nnrec::build_lines();
  text += fmt::format("</main>\n<footer class=\"small\">Written by nnrec_report: {}.</footer>\n",
                      html_text(build.substr(0, build.find('\n'))));
  return text + script() + "</body>\n</html>\n";
}

}  // namespace nnrec::app
