#include "nnrec/app/prep_command.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/chrono.h>

#include "nnrec/base/error.hpp"
#include "nnrec/data/prepare.hpp"

#include "command_line.hpp"

namespace nnrec::app {
namespace {
namespace po = boost::program_options;

CommandLine make_command_line(PrepOptions& options) {
  CommandLine line("nnrec_prep",
                   "Usage: nnrec_prep --input DIR|FILE [--output DIR] [options]\n"
                   "Reads ratings and writes them as HDF5 shards for training (data/FORMAT.md).");
  line.add()("input", po::value(&options.input), "folder or file of ratings")(
      "output", po::value(&options.output)->default_value(options.output),
      "folder of the shard set; an older set there is replaced")(
      "format", po::value(&options.format)->default_value(options.format),
      "auto, or the format's name")(
      "split", po::value(&options.split)->default_value(options.split), "random or files")(
      "test-fraction", po::value(&options.test_fraction)->default_value(0.2, "0.2"),
      "random: the test part of all ratings, in [0, 1)")(
      "seed", po::value(&options.seed)->default_value(options.seed), "random: the shuffle")(
      "train", po::value(&options.train), "files: the ratings to train on, within --input")(
      "test", po::value(&options.test), "files: the ratings to test on, within --input")(
      "shard-rows", po::value(&options.shard_rows)->default_value(options.shard_rows),
      "ratings a shard at most");
  return line;
}

/// 1234567 -> "1,234,567", whatever the locale.
std::string grouped(std::uint64_t value) {
  const auto digits = std::to_string(value);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text += ',';
    text += digits[at];
  }
  return text;
}

std::string date(std::int64_t seconds) {
  // Beyond these years calendars say little, and the library's formatting ends.
  constexpr std::int64_t kLimit = 253'402'300'799;  // the end of the year 9999
  if (seconds < -kLimit / 10 || seconds > kLimit) return std::to_string(seconds);
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void print_read(const data::PrepareReport& report, Log& log) {
  log.print("read   format {}", report.manifest.format);
  for (const auto& file : report.files) {
    log.print("       {}: {} lines, {} bytes, {}", file.name, grouped(file.lines),
              grouped(file.bytes), file.encoding);
  }
  for (const auto& rule : report.rules) log.print("       {}", rule);
}

void print_kept(const data::PrepareReport& report, Log& log) {
  const auto& manifest = report.manifest;
  log.print("kept   {} of {} ratings, {} users, {} items, {} titles", grouped(report.rows_kept),
            grouped(report.rows_read), grouped(manifest.user_count), grouped(manifest.item_count),
            grouped(manifest.title_count));
  if (report.has_catalogue) {
    log.print("       of {} rated items, {} have a catalogue row and {} keep their id as title",
              grouped(manifest.rated_item_count), grouped(report.items_with_row),
              grouped(manifest.rated_item_count - report.items_with_row));
  } else {
    log.print("       no catalogue: items keep their id as title");
  }
  log.print("       without ratings, but kept: {} users, {} items",
            grouped(manifest.user_count - manifest.rated_user_count),
            grouped(manifest.item_count - manifest.rated_item_count));
  log.print("       ratings from {} to {}, mean {:.4f} in the train part", manifest.rating_min,
            manifest.rating_max, manifest.train_rating_mean);
  if (manifest.has_time) {
    log.print("       times from {} to {} (UTC)", date(manifest.time_min), date(manifest.time_max));
  } else {
    log.print("       no times");
  }
}

void print_split(const data::Manifest& manifest, Log& log) {
  log.print("split  {}: {} train, {} test", manifest.split,
            grouped(manifest.rows(data::Part::train)), grouped(manifest.rows(data::Part::test)));
  log.print("       cold in test: {} users, {} items; (user, item) pairs in both parts: {}",
            grouped(manifest.cold_users), grouped(manifest.cold_items),
            grouped(manifest.overlap_pairs));
  if (manifest.overlap_pairs > 0) {
    log.warn("{} test pairs also stand in the train part: test errors will look too small",
             grouped(manifest.overlap_pairs));
  }
}

void print_written(const data::PrepareReport& report, const std::string& folder, double seconds,
                   Log& log) {
  std::uint64_t written = 0;
  for (const auto& shard : report.manifest.shards) written += shard.bytes;
  std::uint64_t read = 0;
  for (const auto& file : report.files) read += file.bytes;
  log.print("wrote  {}: {} shards, {} bytes", folder, report.manifest.shards.size(),
            grouped(written));
  log.print("       {:.3f} s, {:.1f} MB/s", seconds,
            static_cast<double>(read) / 1e6 / std::max(seconds, 1e-9));
  log.print("data digest {}", report.manifest.digest);
}

std::unique_ptr<data::Split> make_split(const PrepOptions& options) {
  if (options.split == "files") {
    return std::make_unique<data::FilesSplit>(options.train, options.test);
  }
  return std::make_unique<data::RandomSplit>(options.test_fraction,
                                             static_cast<std::uint64_t>(options.seed));
}

data::ReaderOptions reader_options(const PrepOptions& options) {
  data::ReaderOptions reader;
  reader.input = options.input;
  reader.format = options.format;
  if (options.split == "files") reader.rating_files = {options.train, options.test};
  return reader;
}

}  // namespace

void PrepOptions::validate() const {
  std::string violations;
  const auto require = [&](bool holds, const std::string& text) {
    if (!holds) violations += (violations.empty() ? "" : "; ") + text;
  };
  const auto formats = data::reader_formats();
  require(!input.empty(), "--input is missing");
  require(!output.empty(), "--output is empty");
  require(format == "auto" || std::find(formats.begin(), formats.end(), format) != formats.end(),
          fmt::format("--format {} is not auto or one of {}", format, fmt::join(formats, ", ")));
  require(split == "random" || split == "files",
          fmt::format("--split {} is not random or files", split));
  require(test_fraction >= 0 && test_fraction < 1,
          fmt::format("--test-fraction {} is not in [0, 1)", test_fraction));
  require(seed >= 0, fmt::format("--seed {} is negative", seed));
  require(shard_rows >= 1, fmt::format("--shard-rows {} is not at least 1", shard_rows));
  if (split == "files") {
    require(!train.empty() && !test.empty(), "--split files needs --train and --test");
  } else {
    require(train.empty() && test.empty(), "--train and --test go with --split files");
  }
  if (!violations.empty()) throw UsageError("{}. See nnrec_prep --help.", violations);
}

void prep_command(const std::vector<std::string>& arguments, Log& log) {
  PrepOptions options;
  if (!make_command_line(options).parse(arguments, log)) return;
  options.validate();
  const auto start = std::chrono::steady_clock::now();
  const auto reader = data::open_reader(reader_options(options));
  data::RatingRules rules;
  if (const auto scale = reader->scale()) {
    rules.push_back(std::make_unique<data::ScaleRule>(*scale, *reader));
  }
  data::ShardSetOptions shards;
  shards.folder = options.output;
  shards.shard_rows = static_cast<std::uint64_t>(options.shard_rows);
  const auto report = data::prepare(*reader, rules, *make_split(options), shards);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  print_read(report, log);
  print_kept(report, log);
  print_split(report.manifest, log);
  print_written(report, options.output, seconds.count(), log);
}

}  // namespace nnrec::app
