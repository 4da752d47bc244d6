#include "dist_options.hpp"

#include <algorithm>
#include <set>

#include "nnrec/base/error.hpp"
#include "nnrec/data/text.hpp"
#include "nnrec/models/variants.hpp"

#include "command_line.hpp"
#include "violations.hpp"

namespace nnrec::app {
namespace po = boost::program_options;

namespace {

CommandLine make_command_line(DistOptions& options) {
  CommandLine line(
      "nnrec_dist",
      "Trains rating models data-parallel: the same bits on any number of ranks and threads.\n"
      "  mpirun -np 8 nnrec_dist --data data/default --variant all\n"
      "A run folder receives options.cfg, history.csv, log.txt and a checkpoint of each variant.\n"
      "Exit codes: 0 done, 1 the input, 2 usage, 3 the machine or another rank, 4 a bug.");
  std::string names;
  for (const auto& variant : models::variants()) {
    names += fmt::format("\n  {}: {}", variant.name, variant.summary);
  }
  const auto value = [](auto& target) { return po::value(&target)->default_value(target); };
  line.add()("data", value(options.data), "folder of the shard set that nnrec_prep wrote")(
      "variant", value(options.variant), ("all, or names with commas:" + names).c_str())(
      "preset", value(options.preset), "published: sizes, first weights and Adagrad as published")(
      "epochs", value(options.epochs), "passes over the training ratings")(
      "batch", value(options.batch), "ratings a step, over all ranks together")(
      "seed", value(options.seed), "of first weights, order and dropout")(
      "learning-rate", value(options.learning_rate), "of Adagrad")(
      "dropout", value(options.dropout), "rate behind the first hidden layer of complex")(
      "threads", value(options.threads), "a rank; 0: OMP_NUM_THREADS, else the cores it may use")(
      "memory-limit", value(options.memory_limit),
      "of a node, for ratings, as in 500MB or 2GiB: a set that is larger is read in windows, "
      "several "
      "times an epoch, to the same result; none: all ratings stay in memory")(
      "run", value(options.run), "folder for the results; default runs/<UTC time>");
  line.allow_config();
  return line;
}

}  // namespace

std::vector<std::string> DistOptions::variant_names() const {
  std::vector<std::string> names;
  if (variant == "all") {
    for (const auto& known : models::variants()) names.emplace_back(known.name);
    return names;
  }
  for (std::size_t begin = 0; begin <= variant.size();) {
    const std::size_t end = std::min(variant.find(',', begin), variant.size());
    names.push_back(variant.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

void DistOptions::validate() const {
  Violations violations("nnrec_dist");
  const auto require = [&](bool holds, const std::string& text) {
    violations.require(holds, text);
  };
  std::set<std::string> seen;
  for (const auto& name : variant_names()) {
    require(seen.insert(name).second, fmt::format("--variant names {} twice", name));
    try {
      models::find_variant(name);
    } catch (const Error& error) {
      require(false, error.what());
    }
  }
  require(preset == "published", fmt::format("--preset {} is not published", preset));
  require(epochs >= 1, fmt::format("--epochs {} is not at least 1", epochs));
  require(batch >= 1 && batch <= std::int64_t{1} << 26,
          fmt::format("--batch {} is not in 1..{}", batch, std::int64_t{1} << 26));
  require(seed >= 0, fmt::format("--seed {} is negative", seed));
  require(threads >= 0 && threads <= 4096, fmt::format("--threads {} is not in 0..4096", threads));
  require(learning_rate > 0 && learning_rate <= 1e30,
          fmt::format("--learning-rate {} is not above 0 and at most 1e30", learning_rate));
  require(dropout >= 0 && dropout <= 0.999,
          fmt::format("--dropout {} is not in 0..0.999", dropout));
  require(memory_limit.empty() || data::parse_byte_size(memory_limit).value_or(0) > 0,
          fmt::format("--memory-limit {} is not a size above 0 like 800000000, 500MB or 2GiB",
                      memory_limit));
  violations.throw_if_any();
}

std::uint64_t DistOptions::memory_limit_bytes() const {
  return data::parse_byte_size(memory_limit).value_or(0);
}

std::string DistOptions::to_config() const {
  return fmt::format("data = {}\n{}\n", data, deciding());
}

std::string DistOptions::deciding() const {
  return fmt::format(
      "variant = {}\npreset = {}\nepochs = {}\nbatch = {}\nseed = {}\nlearning-rate = {}\n"
      "dropout = {}",
      variant, preset, epochs, batch, seed, learning_rate, dropout);
}

std::string DistOptions::agreed() const {
  return fmt::format("{}\nmemory-limit = {}", deciding(), memory_limit);
}

std::optional<DistOptions> parse_dist_options(const std::vector<std::string>& arguments, Log& log) {
  DistOptions options;
  if (!make_command_line(options).parse(arguments, log)) return std::nullopt;
  options.validate();
  return options;
}

}  // namespace nnrec::app
