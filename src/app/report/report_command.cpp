#include "nnrec/app/report_command.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/io/folder.hpp"
#include "nnrec/io/resolved_path.hpp"
#include "nnrec/run/kept_files.hpp"
#include "nnrec/run/option_lines.hpp"

#include "app/options/choice.hpp"
#include "app/options/model_options.hpp"
#include "chart.hpp"
#include "ensemble.hpp"
#include "model_answers.hpp"
#include "page.hpp"
#include "reported_run.hpp"
#include "results.hpp"
#include "run_list.hpp"
#include "split_table.hpp"

namespace nnrec::app {
namespace {

const Choice<TableFormat> kFormats{{"text", TableFormat::text},
                                   {"markdown", TableFormat::markdown}};

const Choice<shards::Part> kParts{{"test", shards::Part::test},
                                  {"validation", shards::Part::validation}};

struct ReportOptions {
  std::vector<std::string> runs;
  std::string output;  ///< empty: the first run's folder
  std::string html;    ///< empty: no page
  std::string data = kPublishedData;
  std::string format = "text";
  bool list = false;
  bool ensemble = false;
  bool splits = false;
  std::string references;  ///< empty: none
  std::string set;
  std::string part = "test";
  int threads = 0;
};

const OptionTable<ReportOptions>& option_table() {
  using O = ReportOptions;
  static const OptionTable<ReportOptions> kTable{
      {"run", &O::runs, "folder of a run (--run of nnrec_dist)"},
      {"output", &O::output, "folder for the files; default: the first run's"},
      {"html", &O::html,
       "file for one page with all that is known of the runs, instead of the files: chart, times, "
       "errors by exposure, sample lists, settings; it needs no network"},
      {"data", &O::data, "name of the data set; a verdict is given for the published one only"},
      {"format", &O::format, word_of(kFormats), "of the printed table: text or markdown"},
      {"list", &O::list,
       "print a line a run and variant instead: state, validation and test RMSE, model digest"},
      {"ensemble", &O::ensemble,
       "judge the mean of the runs' predictions instead: of every variant of a run, or of a "
       "checkpoint; of sampled runs the means that they keep"},
      {"splits", &O::splits,
       "print test RMSE, clipped, a row a variant and preset and a column for each folder that "
       "runs "
       "lie in, named as the split that it stands for, instead"},
      {"references", &O::references,
       "of --splits: file of goals and of what others reach, as data/reference_results.csv"},
      {"set", &O::set,
       "of --ensemble and --html: folder of the prepared set that all were trained on; default: "
       "the "
       "one that the first run, or of --html each run, names"},
      {"part", &O::part, word_of(kParts), "of --ensemble: test or validation"},
      threads_option(&O::threads),
  };
  return kTable;
}

/// The mean would have it twice.
void refuse_repeated_runs(const std::vector<std::string>& runs, Violations& violations) {
  std::map<std::filesystem::path, std::string> places;
  for (const std::string& run : runs) {
    const auto [first, is_new] = places.emplace(io::resolved_path(run), run);
    violations.require(is_new,
                       run == first->second
                           ? fmt::format("{} is given twice: name each run once", run)
                           : fmt::format("{} is {} again: name each run once", run, first->second));
  }
}

/// Those that what is printed or written instead of the report does not look at.
void check_companions(const ReportOptions& options, const std::set<std::string>& given,
                      Violations& violations) {
  const int instead = (options.list ? 1 : 0) + (options.ensemble ? 1 : 0) +
                      (options.splits ? 1 : 0) + (options.html.empty() ? 0 : 1) +
                      (options.output.empty() ? 0 : 1);
  violations.require(instead <= 1,
                     "--output, --html, --list, --ensemble and --splits take each other's place: "
                     "give one");
  if (!options.splits) violations.refuse_given(given, {"references"}, "goes with --splits");
  if (!options.ensemble) violations.refuse_given(given, {"part"}, "goes with --ensemble");
  if (!options.ensemble && options.html.empty())
    violations.refuse_given(given, {"set"}, "goes with --ensemble or --html");
  if (options.list) violations.refuse_given(given, {"data", "format"}, "does not go with --list");
  if (options.ensemble)
    violations.refuse_given(given, {"data", "format"}, "does not go with --ensemble");
  if (options.splits) violations.refuse_given(given, {"data"}, "does not go with --splits");
  if (!options.list) refuse_repeated_runs(options.runs, violations);
}

std::optional<ReportOptions> parse_options(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line(
      "nnrec_report",
      "nnrec_report RUN...\n\n"
      "Compares runs with the published results: prints the results table, writes\n"
      "report.md, rmse_over_epochs.svg and .png. Several run folders count as several\n"
      "seeds: the table then has mean, standard deviation and spread. --html writes one page\n"
      "instead, for a browser.");
  ReportOptions options;
  option_table().declare(line, options);
  line.positional("run");
  const auto given = line.parse(arguments, log);
  if (!given) return std::nullopt;
  Violations violations("nnrec_report");
  violations.require(
      !options.runs.empty(),
      "no run folder is given: nnrec_report RUN, where nnrec_dist --run RUN has trained");
  option_table().check(options, violations);
  check_companions(options, *given, violations);
  violations.throw_if_any();
  if (options.output.empty()) options.output = options.runs.front();
  return options;
}

void write_report(const std::vector<VariantResult>& results, const ReportOptions& options) {
  const auto path = std::filesystem::path(options.output) / "report.md";
  std::string notes;
  for (const auto& note : results_notes(results)) notes += "\n" + note + "\n";
  const auto text = "# RMSE on " + options.data + "\n\n" +
                    results_table(results, options.data, TableFormat::markdown) +
                    "\n![RMSE over epochs](rmse_over_epochs.svg)\n" + notes;
  io::write_text_atomically(path, text);
}

std::vector<ReportedRun> read_runs(const std::vector<std::string>& folders) {
  std::vector<ReportedRun> runs;
  for (const auto& folder : folders) runs.push_back(read_reported_run(folder));
  return runs;
}

/// Of each result the first run that has it.
std::vector<ShownModel> models_of(const std::vector<VariantResult>& results,
                                  const std::vector<ReportedRun>& runs) {
  std::vector<ShownModel> models;
  for (const VariantResult& result : results) {
    const auto has = [&](const ReportedRun& run) {
      const ReportedVariant* reported = run.variant(result.variant);
      return reported != nullptr && reported->preset == result.preset;
    };
    models.push_back({result.name(), std::ranges::find_if(runs, has)->folder, result.variant});
  }
  return models;
}

void write_page(std::vector<ReportedRun> runs, std::vector<VariantResult> results,
                const ReportOptions& options, Log& log) {
  const math::ThreadTeam team(options.threads);
  ReportPage page{options.data, std::move(runs), std::move(results), {}};
  page.answers = ask_models(models_of(page.results, page.runs), options.set, team, log);
  io::write_text_atomically(options.html, page_text(page), io::Links::followed);
  log.print("page: {}", options.html);
}

void write_files(const std::vector<VariantResult>& results, const ReportOptions& options,
                 Log& log) {
  io::make_folder(options.output);
  write_report(results, options);
  draw_chart(results, options.data, options.output);
  log.print("chart: {}", (std::filesystem::path(options.output) / "rmse_over_epochs.png").string());
}

}  // namespace

void report_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_options(arguments, log);
  if (!options) return;
  if (options->list) return log.lines(run_list(options->runs));
  if (options->splits) {
    const auto references = options->references.empty() ? std::vector<ReferenceResult>()
                                                        : read_references(options->references);
    return log.lines(split_table(options->runs, references, meaning_of(options->format, kFormats)));
  }
  if (options->ensemble) {
    const math::ThreadTeam team(options->threads);
    return log.lines(ensemble_lines(
        {options->runs, options->set, meaning_of(options->part, kParts)}, team, log));
  }
  if (!options->html.empty()) run::require_not_kept("--html", options->html);
  auto runs = read_runs(options->runs);
  auto results = summarize(runs);
  log.lines(results_table(results, options->data, meaning_of(options->format, kFormats)));
  for (const auto& note : results_notes(results)) log.line(note);
  if (options->html.empty()) {
    write_files(results, *options, log);
  } else {
    write_page(std::move(runs), std::move(results), *options, log);
  }
}

}  // namespace nnrec::app
