#include "nnrec/app/synth_command.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/synthetic/writer.hpp"

#include "app/options/command_line.hpp"

namespace nnrec::app {
namespace {

namespace po = boost::program_options;

/// A format, the scales that its readers know (the first by default), and how it is written.
struct Format {
  std::string name;
  std::vector<synthetic::SyntheticScale> scales;
  std::optional<synthetic::SyntheticLayout> layout;  ///< none: shards
};

const std::vector<Format>& formats() {
  using synthetic::SyntheticLayout;
  using enum synthetic::SyntheticScale;
  static const std::vector<Format> all{
      {"ml-100k", {stars}, SyntheticLayout::movielens_100k},
      {"ml-1m", {stars, half_stars}, SyntheticLayout::movielens_1m},
      {"csv", {half_stars, stars}, SyntheticLayout::csv},
      {"movietweetings", {zero_to_ten}, SyntheticLayout::movietweetings},
      {"shards", {stars, half_stars, zero_to_ten}, std::nullopt},
  };
  return all;
}

const std::vector<std::pair<std::string, synthetic::SyntheticScale>>& scales() {
  using enum synthetic::SyntheticScale;
  static const std::vector<std::pair<std::string, synthetic::SyntheticScale>> all{
      {"1:5", stars}, {"0.5:5", half_stars}, {"0:10", zero_to_ten}};
  return all;
}

struct SynthOptions {
  synthetic::SyntheticOptions set;
  synthetic::SyntheticShardOptions shards;
  std::string output;
  std::optional<synthetic::SyntheticLayout> layout;
  int threads = 0;
};

const Format& format_of(const std::string& name) {
  std::string known;
  for (const auto& format : formats()) {
    if (format.name == name) return format;
    known += (known.empty() ? "" : ", ") + format.name;
  }
  throw UsageError("--format = {} is not known: {} are", name, known);
}

synthetic::SyntheticScale scale_of(const std::string& name, const Format& format) {
  if (name == "auto") return format.scales.front();
  std::string fitting;
  for (const auto& [text, scale] : scales()) {
    const auto& all = format.scales;
    if (std::find(all.begin(), all.end(), scale) == all.end()) continue;
    if (text == name) return scale;
    fitting += (fitting.empty() ? "" : ", ") + text;
  }
  throw UsageError("--scale = {} is not one of --format {}: use auto, {}", name, format.name,
                   fitting);
}

/// Signed, since Boost reads "-1" into an unsigned number as 2^64 - 1.
std::uint64_t count_of(const po::variables_map& values, const char* name) {
  const auto value = values[name].as<std::int64_t>();
  if (value < 0) throw UsageError("--{} = {} is below 0. See nnrec_synth --help.", name, value);
  return static_cast<std::uint64_t>(value);
}

void declare(CommandLine& line) {
  const synthetic::SyntheticOptions set;
  const synthetic::SyntheticShardOptions shards;
  const auto number = [](std::uint64_t value) {
    return po::value<std::int64_t>()->default_value(static_cast<std::int64_t>(value));
  };
  const auto word = [](const char* value) {
    return po::value<std::string>()->default_value(value);
  };
  line.add()("output", po::value<std::string>(), "new folder for the data set")(
      "users", number(set.users), "users")("items", number(set.items), "items")(
      "ratings", number(set.ratings), "ratings, at least one a user")(
      "seed", number(set.seed), "another seed, another data set")(
      "format", word("ml-100k"),
      "text as ml-100k, ml-1m, csv (MovieLens latest) or movietweetings; or shards")(
      "scale", word("auto"), "1:5, 0.5:5 (half stars) or 0:10; auto: the format's own")(
      "test-fraction", po::value<double>()->default_value(shards.test_fraction, "0.2"),
      "shards: the test part of all ratings, in [0, 1)")("split-seed", number(shards.split_seed),
                                                         "shards: the split's shuffle")(
      "shard-rows", number(shards.shard_rows), "shards: ratings a shard at most")(
      "threads", number(0), "0: all cores; the result does not depend on it");
}

SynthOptions options_of(const po::variables_map& values) {
  if (values.count("output") == 0)
    throw UsageError("--output is missing. Example: nnrec_synth --output data/synthetic");
  const auto& format = format_of(values["format"].as<std::string>());
  SynthOptions options;
  options.set = {count_of(values, "users"), count_of(values, "items"), count_of(values, "ratings"),
                 count_of(values, "seed"), scale_of(values["scale"].as<std::string>(), format)};
  options.output = values["output"].as<std::string>();
  options.layout = format.layout;
  const auto fraction = values["test-fraction"].as<double>();
  if (!(fraction >= 0 && fraction < 1))
    throw UsageError("--test-fraction = {} is not in [0, 1)", fraction);
  options.shards = {options.output, count_of(values, "shard-rows"), fraction,
                    count_of(values, "split-seed")};
  const auto threads = count_of(values, "threads");
  if (threads > std::uint64_t{kMostThreads})
    throw UsageError("--threads = {} is above {}", threads, kMostThreads);
  options.threads = static_cast<int>(threads);
  return options;
}

synthetic::SyntheticSummary write(const SynthOptions& options) {
  const math::ThreadTeam team(options.threads);
  const synthetic::SyntheticSet set(options.set);
  if (options.layout)
    return synthetic::write_synthetic_text(set, *options.layout, options.output, team);
  return synthetic::write_synthetic_shards(set, options.shards, team);
}

}  // namespace

void synth_command(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line("nnrec_synth",
                   "nnrec_synth --output DIR\n\n"
                   "Writes a synthetic data set: low-rank taste, popular and rare items, titles,\n"
                   "ages, genres, times, and noise whose RMSE is known: no model gets below it.\n"
                   "The same options give the same files on every machine.");
  declare(line);
  const auto values = line.parse(arguments, log);
  if (!values) return;
  const auto options = options_of(*values);
  const Stopwatch watch;
  const auto summary = write(options);
  log.print("wrote {}: {} ratings of {} users over {} items ({} of them rated)", options.output,
            summary.ratings, options.set.users, options.set.items, summary.rated_items);
  for (const auto& [value, count] : summary.values) log.print("  {:>4} {}", value, count);
  log.print("noise floor: RMSE {:.4f}; no model is better, but by chance",
            summary.noise_floor_rmse);
  log.print("{:.1f} s, {:.2f} million ratings a second", watch.seconds(),
            static_cast<double>(summary.ratings) / 1e6 / std::max(watch.seconds(), 1e-9));
}

}  // namespace nnrec::app
