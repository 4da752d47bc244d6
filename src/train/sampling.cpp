#include "nnrec/train/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/settings.hpp"
#include "nnrec/base/sha256.hpp"
#include "nnrec/train/station.hpp"

namespace nnrec::train {
namespace {

constexpr NumberRange kPositive{1e-12, 1e12};

std::uint64_t epochs(Settings& settings, std::string_view name, std::uint64_t initial,
                     std::uint64_t least) {
  const double value =
      settings.number(name, static_cast<double>(initial), {static_cast<double>(least), 1e9});
  const auto whole = static_cast<std::uint64_t>(value);
  if (static_cast<double>(whole) != value) {
    throw UsageError("sgld: {} = {} is not a whole number of epochs", name, value);
  }
  return whole;
}

}  // namespace

std::optional<SamplingOptions> parse_sampling(std::string_view text) {
  const auto [name, words] = split_choice(text);
  if (name == "none" && words.empty()) return std::nullopt;
  if (name != "sgld") throw UsageError("{}", not_one_of(name, {"none", "sgld"}));
  Settings settings("sgld", words);
  SamplingOptions options;
  options.step = settings.number("step", options.step, {1e-9, 1});
  options.warm_up = epochs(settings, "warm_up", options.warm_up, 1);
  options.burn_in = epochs(settings, "burn_in", options.burn_in, 1);
  options.ramp = epochs(settings, "ramp", options.ramp, 1);
  options.resample_from = epochs(settings, "resample_from", options.resample_from, 1);
  options.dense_precision = settings.number("dense_precision", options.dense_precision, kPositive);
  options.dense_scale = settings.number("dense_scale", options.dense_scale, kPositive);
  options.diverged = settings.number("diverged", options.diverged, {1, 1e12});
  options.snapshot_every = epochs(settings, "snapshot_every", options.snapshot_every, 1);
  settings.finish();
  if (options.burn_in < options.warm_up) {
    throw UsageError("sgld: burn_in = {} is less than warm_up = {}, which it includes",
                     options.burn_in, options.warm_up);
  }
  options.text = "sgld:" + settings.text();
  return options;
}

SamplingState::Places::Places(const nn::ParameterLayout& layout) {
  std::size_t next = 0;
  for (const nn::Block& block : layout.blocks()) {
    first.push_back(next);
    next += block.kind == nn::BlockKind::table ? block.cols : 1;
  }
  first.push_back(next);
}

SamplingState::SamplingState(comm::Communicator& ranks, const nn::ParameterLayout& parameters)
    : snapshot(parameters, node_array<float>(ranks, parameters.buffer_size())) {
  const std::size_t places = Places(parameters).first.back();
  precision.resize(places);
  curvature.resize(places);
  kept_precision.resize(places);
}

std::string SamplingState::digest() const {
  static_assert(std::is_trivially_copyable_v<Numbers>);
  Sha256 hash;
  const Numbers& n = numbers;
  hash.update(fmt::format("{} {} {} {} {} {}\n", n.noise_precision, n.kept_noise_precision,
                          n.step_size, n.probes, n.undone, n.last_undone));
  for (const auto* values : {&precision, &curvature, &kept_precision}) {
    hash.update(std::as_bytes(std::span(*values)));
  }
  hash.update(snapshot.digest());
  return hash.hex_digest();
}

std::vector<std::string> SamplingState::follow(const SamplingOptions& options,
                                               const nn::ParameterLayout& layout,
                                               std::uint64_t epochs) {
  std::vector<std::string> lines;
  if (numbers.samples > 0) {
    lines.push_back(
        fmt::format("the mean of sampled models begins anew: the {} before were drawn with another "
                    "--sampler",
                    numbers.samples));
    numbers.samples = 0;
    for (auto* sums : {&validation, &test})
      if (*sums) std::ranges::fill((*sums)->sums(), 0);
  }
  if (numbers.noise_precision == 0) return lines;  // not begun
  if (epochs < options.warm_up) {
    lines.emplace_back("sampling begins anew behind the longer warm-up");
    numbers = {};
    return lines;
  }
  const double step = std::ldexp(options.step, -static_cast<int>(numbers.undone));
  if (step != numbers.step_size) {
    lines.push_back(fmt::format("sampling goes on in steps of {:.6g}, was {:.6g}{}", step,
                                numbers.step_size,
                                numbers.undone == 0 ? ""
                                                    : fmt::format(" ({} epochs were undone, each "
                                                                  "halves them)",
                                                                  numbers.undone)));
  }
  numbers.step_size = step;
  const Places places(layout);
  for (std::size_t block = 0; block < layout.blocks().size(); ++block) {
    if (layout[block].kind != nn::BlockKind::dense) continue;
    precision[places.first[block]] = options.dense_precision;
    kept_precision[places.first[block]] = options.dense_precision;
  }
  return lines;
}

}  // namespace nnrec::train
