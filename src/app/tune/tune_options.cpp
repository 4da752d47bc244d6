#include "tune_options.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/io/atomic_file.hpp"
#include "nnrec/models/variants.hpp"
#include "nnrec/run/option_lines.hpp"

#include "app/options/option_table.hpp"

namespace nnrec::app {
namespace {

constexpr std::int64_t kMostTrials = 10000;

/// Epochs, rising, with commas between. Throws UsageError.
std::vector<std::uint64_t> parse_rungs(const std::string& text) {
  std::vector<std::uint64_t> epochs;
  for (const std::string_view part : split(text, ',')) {
    const auto number = parse_number<std::uint32_t>(part);
    if (!number || *number == 0 || (!epochs.empty() && *number <= epochs.back()))
      throw UsageError("{} is not whole numbers of epochs, each above the one before: 2,6,18",
                       text);
    epochs.push_back(*number);
  }
  return epochs;
}

auto each(void (*read)(const std::string&)) {
  return [read](const std::string& name, const std::vector<std::string>& values,
                Violations& violations) {
    for (const std::string& value : values)
      violations.require_no_throw("--" + name + " ", [&] { read(value); });
  };
}

/// What another tuning of the same folder may not have otherwise is for kDecides.
const OptionTable<TuneOptions>& option_table() {
  using O = TuneOptions;
  static const OptionTable<TuneOptions> kTable{
      {"folder", &O::folder, not_empty("the folder of a tuning, as in runs/tune-basic"), kOwn,
       "of the tuning: new, or one that goes on"},
      {"data", &O::data, any_value(), kDecides,
       "prepared set with a validation part (nnrec_prep --validation), which alone decides"},
      {"search", &O::search, each([](const std::string& text) { SearchSpace({text}); }), kDecides,
       "NAME=VALUES, an option of nnrec_dist that is drawn for each trial, to be repeated: "
       "learning-rate=0.001..0.02:log; embedding-dim=8..64:log (whole, as its ends are); "
       "batch=500,1000; hidden=64,16|64; or sets in braces within a value: "
       "group=tables:row_penalty={1..10:log},rows=all"},
      {"fixed", &O::fixed, each([](const std::string& text) { split_option(text); }), kDecides,
       "NAME=VALUE, an option of nnrec_dist that all trials have, to be repeated; where it is "
       "drawn, that wins, but groups add up"},
      {"seed", &O::seed, at_least(0), kDecides, "of what is drawn, not of the runs"},
      {"trials", &O::trials, in_range(std::int64_t{1}, kMostTrials), kSaved,
       "draws; beside them one trial, as-given, has what is fixed and nothing drawn"},
      {"rungs", &O::rungs, read_by(parse_rungs), kSaved,
       "epochs after which the best go on, as in 2,6,18; the last ends them"},
      {"reduction-factor", &O::reduction_factor, in_range(2, 1000), kSaved,
       "of so many trials of a rung one goes on, at least one; as-given always does"},
      {"allow-changes", &O::allow_changes, any_value(), kOwn,
       "let trials go on where nnrec_dist was built anew since they were stopped"},
      {"next", &O::next, any_value(), kOwn,
       "print what may be trained now: place in the folder, epochs, --resume; nothing when done"},
      {"table", &O::table, any_value(), kOwn,
       "print the trials, the best first, and what matters; draw trials.svg into the folder"},
  };
  return kTable;
}

CommandLine make_command_line(TuneOptions& options) {
  CommandLine line(
      "nnrec_tune",
      "nnrec_tune FOLDER --search NAME=VALUES ... --fixed variant=NAME ...\n\n"
      "Plans a random search with successive halving over options of nnrec_dist, judged by the\n"
      "validation part alone: draws trials, says which to train next and for how long, and\n"
      "tabulates them. jobs/tune.sh and slurm/sweep.sbatch train what it says. A trial's draw is\n"
      "a function of --seed and its number; a tuning that was stopped goes on where it was.");
  option_table().declare(line, options);
  line.positional("folder");
  line.allow_config();
  return line;
}

/// nnrec_dist takes each option once, but for groups.
void check_names(const std::string& name, const std::vector<std::string>& options,
                 Violations& violations) {
  std::set<std::string> seen;
  for (const std::string& option : options) {
    const std::string front = option.substr(0, option.find('='));
    violations.require(front == "group" || seen.insert(front).second,
                       fmt::format("--{} {} is given twice", name, front));
  }
}

/// A trial is judged by one error: neither what is fixed nor what is drawn may be several variants.
void check_variants(const TuneOptions& options, Violations& violations) {
  const Tuning tuning(options.folder, options.plan());
  std::set<std::string> variants;
  for (std::size_t trial = 0; trial <= tuning.plan().halving.trials; ++trial)
    variants.insert(run::value_of(run::read_option_lines(tuning.options_of(trial)), "variant"));
  for (const std::string& variant : variants)
    violations.require_no_throw("a trial trains one variant: variant=",
                                [&] { models::find_variant(variant); });
}

void validate(const TuneOptions& options) {
  Violations violations("nnrec_tune");
  option_table().check(options, violations);
  violations.require(!options.search.empty(),
                     "--search is missing: learning-rate=0.001..0.02:log draws the rate");
  check_names("search", options.search, violations);
  check_names("fixed", options.fixed, violations);
  const bool has_variant = std::ranges::any_of(
      options.fixed, [](const auto& one) { return one.starts_with("variant="); });
  violations.require(has_variant, "a trial trains one variant: --fixed variant=NAME");
  violations.require(!options.next || !options.table, "--next and --table: give one");
  violations.throw_if_any();
  check_variants(options, violations);
  violations.throw_if_any();
}

/// The first line of those that decide that the other text has otherwise.
std::string first_difference(const std::string& now, const std::string& then) {
  std::istringstream now_lines(now);
  std::istringstream then_lines(then);
  std::string line;
  std::string other;
  while (std::getline(now_lines, line)) {
    if (!std::getline(then_lines, other) || line != other) return line;
  }
  std::getline(then_lines, other);
  return other;
}

}  // namespace

TuningPlan TuneOptions::plan() const {
  Halving halving{static_cast<std::size_t>(trials), parse_rungs(rungs),
                  static_cast<std::size_t>(reduction_factor)};
  return {data,
          fixed,
          SearchSpace(search),
          static_cast<std::uint64_t>(seed),
          std::move(halving),
          allow_changes};
}

std::string tuning_lines(const TuneOptions& options) {
  return option_table().lines(options, kSaved);
}

std::optional<TuneOptions> parse_tune_options(const std::vector<std::string>& arguments, Log& log) {
  TuneOptions options;
  std::filesystem::path path;
  std::string kept;
  const auto read_kept = [&] {
    path = std::filesystem::path(options.folder) / kTuningFileName;
    if (!options.folder.empty()) kept = io::read_text(path);
    return kept;
  };
  if (!make_command_line(options).parse(arguments, log, read_kept)) return std::nullopt;
  if (!kept.empty()) {
    TuneOptions then;
    make_command_line(then).parse({}, log, [&] { return kept; });
    const std::string now_lines = option_table().lines(options, kDecides);
    const std::string then_lines = option_table().lines(then, kDecides);
    if (now_lines != then_lines)
      throw UsageError(
          "{}: is of another tuning: `{}` differs. Take another folder, or the same "
          "options; --trials, --rungs and --reduction-factor may change",
          path.string(), first_difference(now_lines, then_lines));
  }
  validate(options);
  return options;
}

}  // namespace nnrec::app
