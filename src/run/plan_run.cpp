#include "nnrec/run/plan_run.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "nnrec/base/error.hpp"
#include "nnrec/base/numbers.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/comm/agreement.hpp"

namespace nnrec::run {
namespace {

constexpr std::size_t kMostNodes = 65536;
constexpr double kProbeSeconds = 1;
/// Where there is one node and nobody says otherwise: 100 Gbit/s within a cluster.
constexpr train::Link kAssumed{10e-6, 12.5e9};

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array<Unit, 3> kTimes{{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}}};
constexpr std::array<Unit, 4> kSpeeds{
    {{"GB/s", 1e9}, {"MB/s", 1e6}, {"Gbit/s", 1e9 / 8}, {"Mbit/s", 1e6 / 8}}};

std::optional<double> read_quantity(std::string_view text, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const auto number = parse_number<double>(text.substr(0, text.size() - unit.name.size()));
    if (number && *number > 0 && *number < 1e9) return *number * unit.factor;
  }
  return std::nullopt;
}

std::string link_text(const train::Link& link) {
  return fmt::format("{:.1f} us for a short message, {}/s for long ones",
                     1e6 * link.latency_seconds, byte_text(link.bytes_per_second));
}

/// A file of options may be of the training that is planned; a command line may mean it.
void warn_of_training(const Session& session) {
  const RunOptions& options = session.options();
  std::vector<std::string_view> names;
  if (!options.run.empty()) names.emplace_back("--run");
  if (options.resume != RunOptions{}.resume) names.emplace_back("--resume");
  if (!options.warm_start.empty()) names.emplace_back("--warm-start");
  if (options.allow_changes) names.emplace_back("--allow-changes");
  if (!options.json_log.empty()) names.emplace_back("--json-log");
  if (!options.logdir.empty()) names.emplace_back("--logdir");
  if (!options.trace.empty()) names.emplace_back("--trace");
  if (names.empty()) return;
  session.log().warn(
      "{} {} of training: --plan trains nothing that stays, and leaves aside what {}",
      fmt::join(names, ", "), names.size() == 1 ? "is" : "are",
      names.size() == 1 ? "it says" : "they say");
}

class VariantPlan {
 public:
  VariantPlan(const Session& session, const std::string& variant, const NamedLink& link)
      : session_(session),
        variant_(variant),
        link_(link),
        network_(session.build_network(variant)),
        rules_(session.make_rules(network_)) {}

  void print() {
    const train::StepCosts costs = measure();
    const train::StepForecaster forecaster(network_, session_.tally(), costs, link_.link,
                                           asked_way(session_),
                                           session_.options().training().exchange_bits);
    Log& log = session_.log();
    log.print(
        "{}: on one core here: {:.0f} ns a rating to compute, {:.1f} to plan, {:.1f} ns a look-up "
        "to sum, {:.2f} ns a number to move",
        variant_, 1e9 * costs.compute, 1e9 * costs.plan, 1e9 * costs.sum, 1e9 * costs.update);
    log.print("  {:>5} {:>6} {:>10} {:>11} {:>10} {:>10} {:>10} {:>10} {:>9} {:>10}", "nodes",
              "ranks", "step", "M ratings/s", "efficiency", "messages", "sent/node", "mem./node",
              "exchange", "half at");
    const train::StepForecast alone = forecaster.forecast(batch(), {1, 1, cluster(1).threads});
    std::size_t best = 0;
    for (const std::size_t nodes : parse_node_counts(session_.options().plan)) {
      if (print_row(forecaster, alone, nodes) >= 0.5) best = std::max(best, nodes);
    }
    print_advice(best);
  }

 private:
  train::StepCosts measure() {
    const std::size_t arrays = session_.ranks().node_arrays();
    train::Trainer trainer =
        session_.make_trainer(network_, rules_, session_.initial_state(network_, rules_));
    const train::BatchVolume volume =
        train::expected_volume(network_, session_.tally(), batch(), shape_of(session_).nodes);
    const train::StepCosts costs =
        train::measure_step(session_.ranks(), session_.team(), trainer, volume, kProbeSeconds);
    session_.ranks().free_node_arrays(arrays);
    return costs;
  }

  std::size_t batch() const { return static_cast<std::size_t>(session_.options().batch); }
  train::ClusterShape cluster(std::size_t nodes) const {
    const auto asked = static_cast<std::size_t>(session_.options().ranks_per_node);
    const auto here = static_cast<std::size_t>(session_.ranks().node_size());
    return {nodes, asked == 0 ? here : asked, static_cast<std::size_t>(session_.team().size())};
  }

  /// Its efficiency.
  double print_row(const train::StepForecaster& forecaster, const train::StepForecast& alone,
                   std::size_t nodes) const {
    const train::ClusterShape shape = cluster(nodes);
    const train::StepForecast step = forecaster.forecast(batch(), shape);
    const double efficiency = train::efficiency(step, alone, shape);
    const train::NodeLoad load = expected_load(session_, network_, shape);
    const std::size_t half = nodes == 1 ? 0 : forecaster.batch_for_half(shape);
    const double memory = train::forecast_node_bytes(network_, rules_, load);
    session_.log().print(
        "  {:>5} {:>6} {:>7.2f} ms {:>11.2f} {:>9.0f}% {:>9.0f}% {:>10} {:>10} {:>9} {:>10}", nodes,
        shape.ranks(), 1e3 * step.seconds, 1e-6 * load.batch.rows / step.seconds, 100 * efficiency,
        100 * step.exchange_seconds / step.seconds, nodes == 1 ? "nothing" : byte_text(step.bytes),
        byte_text(memory), nodes == 1 ? "-" : train::exchange_name(step.way),
        nodes == 1  ? std::string("-")
        : half == 0 ? std::string("never")
                    : std::to_string(half));
    return efficiency;
  }

  /// `best`: the most nodes that still use half of what they have.
  void print_advice(std::size_t best) const {
    session_.log().print(
        "  {}", best == 0 ? "advice: with this batch none of these uses half of its cores; a "
                            "larger --batch (with a rate to match) or fewer ranks a node would"
                          : fmt::format("advice: with batch {} up to {} node{} use half of their "
                                        "cores or more",
                                        batch(), best, plural(best)));
  }

  const Session& session_;
  const std::string& variant_;
  const NamedLink& link_;
  models::Network network_;
  nn::UpdateRules rules_;
};

}  // namespace

std::vector<std::size_t> parse_node_counts(const std::string& text) {
  std::vector<std::size_t> counts;
  if (text == "none") return counts;
  for (const std::string_view part : split(text, ',')) {
    const auto nodes = parse_number<std::uint64_t>(part);
    if (!nodes || *nodes < 1 || *nodes > kMostNodes) {
      throw UsageError(
          "{} is not none, or numbers of nodes in 1..{} with commas between, as in 1,2,4", text,
          kMostNodes);
    }
    counts.push_back(static_cast<std::size_t>(*nodes));
  }
  return counts;
}

std::optional<train::Link> parse_network(const std::string& text) {
  if (text == "measured") return std::nullopt;
  const std::size_t comma = std::min(text.find(','), text.size());
  const auto latency = read_quantity(std::string_view(text).substr(0, comma), kTimes);
  const auto speed = read_quantity(
      comma == text.size() ? std::string_view() : std::string_view(text).substr(comma + 1),
      kSpeeds);
  if (!latency || !speed) {
    throw UsageError(
        "{} is not measured, or a latency (ns, us, ms) and a bandwidth (GB/s, MB/s, Gbit/s, "
        "Mbit/s), as in 10us,12.5GB/s",
        text);
  }
  return train::Link{*latency, *speed};
}

NamedLink link_of(const Session& session) {
  if (const auto given = parse_network(session.options().network)) {
    return {*given, link_text(*given) + " (as given)"};
  }
  if (session.link()) {
    return {*session.link(), link_text(*session.link()) + " (measured between this job's nodes)"};
  }
  return {kAssumed, link_text(kAssumed) + " (assumed, as this job has one node; --network says)"};
}

std::optional<train::ExchangeWay> asked_way(const Session& session) {
  const std::string& exchange = session.options().exchange;
  if (exchange == "auto") return std::nullopt;
  return exchange == "owner" ? train::ExchangeWay::owner : train::ExchangeWay::reduce;
}

train::ClusterShape shape_of(const Session& session) {
  const comm::Communicator& ranks = session.ranks();
  return {static_cast<std::size_t>(ranks.node_count()), static_cast<std::size_t>(ranks.node_size()),
          static_cast<std::size_t>(session.team().size())};
}

train::NodeLoad expected_load(const Session& session, const models::Network& network,
                              const train::ClusterShape& shape) {
  return train::node_load(session.options().training(), shape,
                          static_cast<double>(session.rating_bytes()), [&](std::size_t rows) {
                            return train::expected_volume(network, session.tally(), rows,
                                                          shape.nodes);
                          });
}

void plan_run(const Session& session) {
  warn_of_training(session);
  const NamedLink link = link_of(session);
  session.log().print("plan for batch {}; network: {}", session.options().batch, link.text);
  session.log().print(
      "(step: without evaluation and saving, with a core for each thread; efficiency: of all "
      "ranks, "
      "by what one alone needs; messages: of the step; half at: the batch from which they take "
      "less "
      "than half of it)");
  for (const std::string& variant : session.variants()) {
    if (session.stop_is_asked())
      throw comm::AgreedError(ErrorKind::interrupted,
                              "stopped as asked; a plan saves nothing, run it again");
    VariantPlan(session, variant, link).print();
  }
}

}  // namespace nnrec::run
