#include "nnrec/app/synth_command.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nnrec/base/error.hpp"
#include "nnrec/base/stopwatch.hpp"
#include "nnrec/math/thread_team.hpp"
#include "nnrec/synthetic/writer.hpp"

#include "app/options/choice.hpp"
#include "app/options/option_table.hpp"

namespace nnrec::app {
namespace {

/// A format, the scales that its readers know (the first by default), and how it is written.
struct Format {
  std::vector<synthetic::SyntheticScale> scales;
  std::optional<synthetic::SyntheticLayout> layout;  ///< none: shards
};

const Choice<Format>& formats() {
  using synthetic::SyntheticLayout;
  using enum synthetic::SyntheticScale;
  static const Choice<Format> all{
      {"ml-100k", {{stars}, SyntheticLayout::movielens_100k}},
      {"ml-1m", {{stars, half_stars}, SyntheticLayout::movielens_1m}},
      {"csv", {{half_stars, stars}, SyntheticLayout::csv}},
      {"movietweetings", {{zero_to_ten}, SyntheticLayout::movietweetings}},
      {"shards", {{stars, half_stars, zero_to_ten}, std::nullopt}},
  };
  return all;
}

const Choice<synthetic::SyntheticScale>& scales() {
  using enum synthetic::SyntheticScale;
  static const Choice<synthetic::SyntheticScale> all{
      {"1:5", stars}, {"0.5:5", half_stars}, {"0:10", zero_to_ten}};
  return all;
}

constexpr synthetic::SyntheticOptions kDefaults{};

/// As they are given: signed, since Boost reads "-1" into an unsigned number as 2^64 - 1.
struct SynthOptions {
  std::string output;
  std::int64_t users{kDefaults.users};
  std::int64_t items{kDefaults.items};
  std::int64_t ratings{kDefaults.ratings};
  std::int64_t seed{kDefaults.seed};
  std::string format = "ml-100k";
  std::string scale = "auto";
  double test_fraction = 0.2;
  std::int64_t split_seed = 42;
  std::int64_t shard_rows = 1 << 20;
  int threads = 0;
};

const OptionTable<SynthOptions>& option_table() {
  using O = SynthOptions;
  static const OptionTable<SynthOptions> kTable{
      {"output", &O::output, "new folder for the data set"},
      {"users", &O::users, at_least(1), "users"},
      {"items", &O::items, at_least(1), "items"},
      {"ratings", &O::ratings, at_least(1), "ratings, at least one a user"},
      {"seed", &O::seed, at_least(0), "another seed, another data set"},
      {"format", &O::format, word_of(formats()),
       "text as ml-100k, ml-1m, csv (MovieLens latest) or movietweetings; or shards"},
      {"scale", &O::scale, "1:5, 0.5:5 (half stars) or 0:10; auto: the format's own"},
      {"test-fraction", &O::test_fraction, part_of_all(),
       "shards: the test part of all ratings, in [0, 1)"},
      {"split-seed", &O::split_seed, at_least(0), "shards: the split's shuffle"},
      {"shard-rows", &O::shard_rows, at_least(1), "shards: ratings a shard at most"},
      {"threads", &O::threads, in_range(0, math::kMostThreads),
       "0: all cores; the result does not depend on it"},
  };
  return kTable;
}

synthetic::SyntheticScale scale_of(const SynthOptions& options) {
  const Format format = meaning_of(options.format, formats());
  Choice<synthetic::SyntheticScale> fitting{{"auto", format.scales.front()}};
  for (const auto& scale : scales())
    if (std::ranges::find(format.scales, scale.second) != format.scales.end())
      fitting.push_back(scale);
  try {
    return meaning_of(options.scale, fitting);
  } catch (const UsageError& error) {
    throw UsageError("--format {}: --scale {}", options.format, error.what());
  }
}

void validate(const SynthOptions& options, const std::set<std::string>& given) {
  Violations violations("nnrec_synth");
  violations.require(!options.output.empty(),
                     "--output is missing. Example: nnrec_synth --output data/synthetic");
  option_table().check(options, violations);
  if (options.format != "shards")
    violations.refuse_given(given, {"test-fraction", "split-seed", "shard-rows"},
                            "goes with --format shards");
  violations.throw_if_any();
}

synthetic::SyntheticSummary write(const SynthOptions& options) {
  const auto count = [](std::int64_t value) { return static_cast<std::uint64_t>(value); };
  const math::ThreadTeam team(options.threads);
  const synthetic::SyntheticSet set({count(options.users), count(options.items),
                                     count(options.ratings), count(options.seed),
                                     scale_of(options)});
  if (const auto layout = meaning_of(options.format, formats()).layout)
    return synthetic::write_synthetic_text(set, *layout, options.output, team);
  return synthetic::write_synthetic_shards(
      set,
      {options.output, count(options.shard_rows), options.test_fraction, count(options.split_seed)},
      team);
}

}  // namespace

void synth_command(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line("nnrec_synth",
                   "nnrec_synth --output DIR\n\n"
                   "Writes a synthetic data set: low-rank taste, popular and rare items, titles,\n"
                   "ages, genres, times, and noise whose RMSE is known: no model gets below it.\n"
                   "The same options give the same files on every machine.");
  SynthOptions options;
  option_table().declare(line, options);
  const auto given = line.parse(arguments, log);
  if (!given) return;
  validate(options, *given);
  const Stopwatch watch;
  const auto summary = write(options);
  log.print("wrote {}: {} ratings of {} users over {} items ({} of them rated)", options.output,
            summary.ratings, options.users, options.items, summary.rated_items);
  for (const auto& [value, count] : summary.values) log.print("  {:>4} {}", value, count);
  log.print("noise floor: RMSE {:.4f}; no model is better, but by chance",
            summary.noise_floor_rmse);
  log.print("{:.1f} s, {:.2f} million ratings a second", watch.seconds(),
            static_cast<double>(summary.ratings) / 1e6 / std::max(watch.seconds(), 1e-9));
}

}  // namespace nnrec::app
