#include "nnrec/run/preflight.hpp"

#include <algorithm>
#include <filesystem>
#include <new>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>
#include <vector>

#include <sys/stat.h>

#include "nnrec/base/system.hpp"
#include "nnrec/base/wording.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/comm/launch.hpp"
#include "nnrec/comm/node_piece.hpp"
#include "nnrec/math/kernels.hpp"
#include "nnrec/run/checkpoints.hpp"
#include "nnrec/run/host_memory.hpp"
#include "nnrec/run/plan_run.hpp"
#include "nnrec/run/run_folder.hpp"
#include "nnrec/run/save_schedule.hpp"

#include "places.hpp"
#include "resume.hpp"

namespace nnrec::run {
namespace {
namespace fs = std::filesystem;

/// What the first rank of a node knows of it; empty from others.
struct NodeFacts {
  std::string name;
  int ranks = 0;
  std::uint64_t available = 0;
  std::string bound;        ///< of available; empty: not known
  std::int64_t shared = 0;  ///< -1: not known
};

std::string facts_text(const comm::Communicator& ranks) {
  if (ranks.node_rank() != 0) return {};
  const auto memory = available_memory();
  std::error_code unknown;
  const auto shared = fs::space(kSharedMemory, unknown);
  return fmt::format("{} {} {} {} {}", host_name(), ranks.node_size(),
                     unknown ? -1 : static_cast<std::int64_t>(shared.available),
                     memory ? memory->available : 0, memory ? memory->bound : "");
}

std::vector<NodeFacts> facts_of_nodes(comm::Communicator& ranks) {
  std::vector<NodeFacts> nodes;
  for (const std::string& text : ranks.gather_all(facts_text(ranks))) {
    if (text.empty()) continue;
    NodeFacts node;
    std::istringstream words(text);
    words >> node.name >> node.ranks >> node.shared >> node.available >> std::ws;
    std::getline(words, node.bound);
    nodes.push_back(node);
  }
  return nodes;
}

/// What the largest variant would take.
struct Needs {
  std::string variant;
  double node_bytes = 0;
  double checkpoint_bytes = 0;
  double sample_bytes = 0;
};

Needs needs_of(const Session& session, const std::string& variant) {
  const models::Network network = session.build_network(variant);
  const nn::UpdateRules rules = session.make_rules(network);
  const train::ClusterShape shape = shape_of(session);
  const train::NodeLoad load =
      train::node_load(session.options().training(), shape,
                       static_cast<double>(session.rating_bytes()), [&](std::size_t rows) {
                         return train::largest_volume(
                             network, session.features(),
                             std::min<std::size_t>(rows, session.training_rows()), shape.nodes);
                       });
  Needs needs{variant, train::forecast_node_bytes(network, rules, load)};
  needs.checkpoint_bytes =
      sizeof(float) * static_cast<double>(train::state_floats(network.layout(), rules));
  needs.sample_bytes = sizeof(float) * static_cast<double>(network.layout().buffer_size());
  return needs;
}

/// Counts what fails while it says all.
class Checks {
 public:
  explicit Checks(Log& log) : log_(log) {}
  void say(bool holds, const std::string& text) {
    log_.print("  {:<4} {}", holds ? "ok" : "FAIL", text);
    failed_ += holds ? 0 : 1;
  }
  /// Of what only makes a run slow.
  void warn(const std::string& text) { log_.print("  slow {}", text); }
  int failed() const noexcept { return failed_; }

 private:
  Log& log_;
  int failed_ = 0;
};

void check_threads(const Session& session, Checks& checks) {
  const std::string warning = comm::thread_warning(session.ranks(), session.team().size());
  if (!warning.empty()) return checks.warn(warning);
  checks.say(true, fmt::format("{} threads a rank, and a core for each", session.team().size()));
}

void check_node(const NodeFacts& node, const Needs& needs, Checks& checks) {
  const bool is_known = !node.bound.empty();
  const bool has_memory = !is_known || needs.node_bytes <= static_cast<double>(node.available);
  checks.say(
      has_memory,
      fmt::format("{}: memory: {} needs {}, {}{}", node.name, needs.variant,
                  byte_text(needs.node_bytes),
                  is_known ? fmt::format("{} are available by {}",
                                         byte_text(static_cast<double>(node.available)), node.bound)
                           : "what is available cannot be known here",
                  has_memory ? "" : ". --memory-limit bounds what ratings take."));
  if (is_known && has_memory &&
      needs.node_bytes + needs.checkpoint_bytes > static_cast<double>(node.available)) {
    checks.warn(fmt::format(
        "{}: memory has no room for a second copy of the model, {}: training waits while "
        "checkpoints are written",
        node.name, byte_text(needs.checkpoint_bytes)));
  }
  if (node.ranks == 1 || node.shared < 0)
    return;  // its memory is its own, or there is no such place
  // With what may be left over of two pieces, and MPI's own.
  const double needed = needs.node_bytes + 2.0 * comm::kNodePiece;
  const bool has_shared = needed <= static_cast<double>(node.shared);
  checks.say(
      has_shared,
      fmt::format("{}: {}, where its {} ranks share memory, has {} free, and {} are needed{}",
                  node.name, kSharedMemory, node.ranks, byte_text(static_cast<double>(node.shared)),
                  byte_text(needed),
                  has_shared ? ""
                             : ". Start the container with a larger one (--shm-size), "
                               "mount a larger one, or use one rank with more threads."));
}

/// Of what does not exist yet, where it would lie.
fs::path existing_parent(fs::path path) {
  std::error_code ignored;
  path = fs::absolute(path, ignored);
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  return path;
}

/// How many checkpoints there are between saves: the newest and, where one is chosen, the best. Of
/// those at the ends of epochs there are no more than epochs.
std::size_t kept_checkpoints(const Session& session) {
  const RunOptions& options = session.options();
  const bool at_epochs =
      parse_save_interval(options.checkpoint_every).unit == SaveInterval::Unit::epochs;
  const std::int64_t newest = at_epochs ? std::min(options.keep, options.epochs) : options.keep;
  return static_cast<std::size_t>(newest) + (session.rows(shards::Part::validation) > 0 ? 1 : 0);
}

/// What files of a size take of a device.
struct Room {
  double more = 0;   ///< until as many are kept as there may be, in bytes
  double being = 0;  ///< of the largest one that is being written beside those

  double bytes() const { return more + being; }
  /// Of one variant; those that are `there` already are among the kept ones.
  void add(double file_bytes, std::size_t kept, std::size_t there) {
    more += file_bytes * static_cast<double>(kept - std::min(kept, there));
    being = std::max(being, file_bytes);
  }
};

void say_disk(const fs::path& folder, const char* files, const Room& room, Checks& checks) {
  std::error_code unknown;
  const auto space = fs::space(folder, unknown);
  const bool has_room = unknown || room.bytes() <= static_cast<double>(space.available);
  checks.say(has_room, fmt::format("disk of {}: {} need {} more, {} are free{}", folder.string(),
                                   files, byte_text(room.bytes()),
                                   unknown ? "it is not known how many"
                                           : byte_text(static_cast<double>(space.available)),
                                   has_room ? "" : ". --run names another, --keep 1 keeps less."));
}

std::optional<dev_t> device_of(const fs::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return status.st_dev;
}

/// Of the devices where checkpoints and sampled models go, which links may lead to.
void check_disk(const Session& session, const fs::path& run, const std::vector<Needs>& needs,
                Checks& checks) {
  const RunOptions& options = session.options();
  const auto sampled = static_cast<std::size_t>(
      options.training().sampling ? std::min(options.keep_samples, options.epochs) : 0);
  Room checkpoints;
  Room samples;
  for (const Needs& of : needs) {
    checkpoints.add(of.checkpoint_bytes, kept_checkpoints(session),
                    find_checkpoints(run, of.variant).size());
    if (sampled > 0) samples.add(of.sample_bytes, sampled, find_samples(run, of.variant).size());
  }
  const fs::path folder = existing_parent(run / "checkpoints");
  const fs::path other = existing_parent(run / "samples");
  if (device_of(folder) == device_of(other)) {
    checkpoints.more += samples.bytes();  // each may have one that is being written
    return say_disk(folder, sampled > 0 ? "checkpoints and samples" : "checkpoints", checkpoints,
                    checks);
  }
  say_disk(folder, "checkpoints", checkpoints, checks);
  if (sampled > 0) say_disk(other, "samples", samples, checks);
}

/// Rank 0 alone reads and writes these.
void check_places(const Session& session, const std::vector<Needs>& needs, Checks& checks) {
  const RunOptions& options = session.options();
  if (session.ranks().rank() != 0) return;
  const fs::path run = options.run.empty() ? default_run_folder() : fs::path(options.run);
  for (const Place& place : look_at_places(options)) {
    const bool holds = place.refusal.empty();
    checks.say(holds, fmt::format("{}: {}", place.name, holds ? "can be written" : place.refusal));
  }
  try {
    check_disk(session, run, needs, checks);
    if (checks.failed() > 0) return;  // a start may need the memory or the place that is missing
    find_starts(session, RunFolder::looked_at(run));
    checks.say(true, "what it would go on from, or begin with, fits");
  } catch (const Error& refusal) {
    checks.say(false, refusal.what());
  } catch (const std::bad_alloc&) {
    checks.say(false, "memory is too short for what it would go on from, or begin with");
  }
}

}  // namespace

void preflight(const Session& session) {
  comm::Communicator& ranks = session.ranks();
  const std::vector<NodeFacts> nodes = facts_of_nodes(ranks);
  std::vector<Needs> needs;
  for (const std::string& variant : session.variants()) needs.push_back(needs_of(session, variant));
  const Needs& most = *std::ranges::max_element(needs, {}, &Needs::node_bytes);
  Log& log = session.log();
  std::vector<int> sizes;
  for (const NodeFacts& node : nodes) sizes.push_back(node.ranks);
  log.print("preflight of {}: {} ranks on {} nodes ({} ranks each), kernels {}",
            fmt::join(session.variants(), ", "), ranks.size(), nodes.size(),
            fmt::join(std::set<int>(sizes.begin(), sizes.end()), " or "), math::kernels_in_use());
  Checks checks(log);
  // Else the session would have ended with what differs.
  checks.say(true,
             fmt::format("launcher and MPI count alike; options, program and data set are the "
                         "same on all ranks (data digest {:.16})",
                         session.data_digest()));
  check_threads(session, checks);
  for (const NodeFacts& node : nodes) check_node(node, most, checks);
  check_places(session, needs, checks);
  comm::agree(ranks, [&] {
    if (ranks.rank() == 0 && checks.failed() > 0) {
      throw IoError("preflight: {} of these would stop the run: see the lines with FAIL",
                    checks.failed());
    }
  });
  log.print("preflight: nothing stands in the way");
}

}  // namespace nnrec::run
