#include "nnrec/app/report_command.hpp"

#include <filesystem>
#include <fstream>

#include "nnrec/base/error.hpp"
#include "nnrec/io/atomic_file.hpp"

#include "app/options/command_line.hpp"
#include "chart.hpp"
#include "results.hpp"

namespace nnrec::app {
namespace {

namespace po = boost::program_options;

struct ReportOptions {
  std::vector<std::string> runs;
  std::filesystem::path output;
  std::string data = kPublishedData;
  TableFormat format = TableFormat::text;
};

std::optional<ReportOptions> parse_options(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line(
      "nnrec_report",
      "nnrec_report RUN...\n\n"
      "Compares runs with the published results: prints the results table, writes\n"
      "report.md, rmse_over_epochs.svg and .png. Several run folders count as several\n"
      "seeds: the table then has mean, standard deviation and spread.");
  line.add()("run", po::value<std::vector<std::string>>(), "folder of a run (--run of nnrec_dist)")(
      "output", po::value<std::string>(), "folder for the files; default: the first run's")(
      "data", po::value<std::string>()->default_value(kPublishedData),
      "name of the data set; a verdict is given for the published one only")(
      "format", po::value<std::string>()->default_value("text"),
      "of the printed table: text or markdown");
  line.positional("run");
  const auto values = line.parse(arguments, log);
  if (!values) return std::nullopt;
  if (values->count("run") == 0)
    throw UsageError("no run folder is given. Example: nnrec_report runs/quickstart");
  ReportOptions options;
  options.runs = (*values)["run"].as<std::vector<std::string>>();
  options.output =
      values->count("output") != 0 ? (*values)["output"].as<std::string>() : options.runs.front();
  options.data = (*values)["data"].as<std::string>();
  const auto format = (*values)["format"].as<std::string>();
  if (format != "text" && format != "markdown")
    throw UsageError("--format = {} is neither text nor markdown", format);
  if (format == "markdown") options.format = TableFormat::markdown;
  return options;
}

void print_lines(const std::string& text, Log& log) {
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    log.line(text.substr(start, end - start));
    start = end + 1;
  }
}

void write_report(const std::vector<VariantResult>& results, const ReportOptions& options) {
  const auto path = options.output / "report.md";
  const auto text = "# RMSE on " + options.data + "\n\n" +
                    results_table(results, options.data, TableFormat::markdown) +
                    "\n![RMSE over epochs](rmse_over_epochs.svg)\n";
  io::write_atomically(path, [&](const std::filesystem::path& temporary) {
    std::ofstream file(temporary);
    file << text;
    file.close();
    if (!file) throw IoError("{}: cannot be written. Is the disk full?", path.string());
  });
}

}  // namespace

void report_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_options(arguments, log);
  if (!options) return;
  std::vector<std::vector<run::HistoryRow>> runs;
  for (const auto& run : options->runs) runs.push_back(run::read_history(run));
  const auto results = summarize(runs);
  print_lines(results_table(results, options->data, options->format), log);

  std::error_code error;
  std::filesystem::create_directories(options->output, error);
  if (error) throw IoError("{}: cannot be made: {}", options->output.string(), error.message());
  write_report(results, *options);
  draw_chart(results, options->data, options->output);
  log.print("chart: {}", (options->output / "rmse_over_epochs.png").string());
}

}  // namespace nnrec::app
