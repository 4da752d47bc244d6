#include "nnrec/app/synth_command.hpp"

#include "nnrec/base/error.hpp"
#include "nnrec/data/synthetic.hpp"

#include "command_line.hpp"

namespace nnrec::app {
namespace {

namespace po = boost::program_options;

struct SynthOptions {
  data::SyntheticOptions set;
  std::string output;
};

/// Signed, since Boost reads "-1" into an unsigned number as 2^64 - 1.
std::uint64_t count_of(const po::variables_map& values, const char* name) {
  const auto value = values[name].as<std::int64_t>();
  if (value < 0) throw UsageError("--{} = {} is below 0. See nnrec_synth --help.", name, value);
  return static_cast<std::uint64_t>(value);
}

std::optional<SynthOptions> parse_options(const std::vector<std::string>& arguments, Log& log) {
  CommandLine line("nnrec_synth",
                   "nnrec_synth --output DIR\n\n"
                   "Writes a synthetic data set: low-rank taste, popular and rare items, titles,\n"
                   "ages, genres, times, and noise whose RMSE is known: no model gets below it.\n"
                   "The same options give the same files on every machine.");
  const data::SyntheticOptions defaults;
  const auto number = [](std::uint64_t value) {
    return po::value<std::int64_t>()->default_value(static_cast<std::int64_t>(value));
  };
  line.add()("output", po::value<std::string>(), "new folder for the data set")(
      "users", number(defaults.users), "users")("items", number(defaults.items), "items")(
      "ratings", number(defaults.ratings), "ratings, at least one a user")(
      "seed", number(defaults.seed), "another seed, another data set")(
      "format", po::value<std::string>()->default_value("ml-100k"),
      "ml-100k: text files as MovieLens 100K has them");
  const auto values = line.parse(arguments, log);
  if (!values) return std::nullopt;
  if (values->count("output") == 0)
    throw UsageError("--output is missing. Example: nnrec_synth --output data/synthetic");
  const auto format = (*values)["format"].as<std::string>();
  if (format != "ml-100k") throw UsageError("--format = {} is not known: ml-100k is", format);
  SynthOptions options;
  options.set = {count_of(*values, "users"), count_of(*values, "items"),
                 count_of(*values, "ratings"), count_of(*values, "seed")};
  options.output = (*values)["output"].as<std::string>();
  return options;
}

}  // namespace

void synth_command(const std::vector<std::string>& arguments, Log& log) {
  const auto options = parse_options(arguments, log);
  if (!options) return;
  const data::SyntheticSet set(options->set);
  const auto summary = data::write_movielens_100k(set, options->output);
  log.print("wrote {}: {} ratings of {} users over {} items ({} of them rated)", options->output,
            summary.ratings, options->set.users, options->set.items, summary.rated_items);
  log.print("ratings of 1, 2, 3, 4, 5: {}", fmt::join(summary.values, ", "));
  log.print("noise floor: RMSE {:.4f}; no model is better, but by chance",
            summary.noise_floor_rmse);
}

}  // namespace nnrec::app
