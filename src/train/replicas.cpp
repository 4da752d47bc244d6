#include "nnrec/train/replicas.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "nnrec/comm/agreement.hpp"

namespace nnrec::train {
namespace {

/// What a thread hashes at a time: fixed, so that ranks may have other numbers of threads.
constexpr std::size_t kPieceBytes = 1 << 18;
constexpr std::uint64_t kStart = 0x9e3779b97f4a7c15U;

/// A bijection of `hash` for each word, and of the word for each hash.
std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0xd6e8feb86659fd93U;
  return hash ^ (hash >> 32);
}

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = mixed(kStart, bytes.size());
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), sizeof(std::uint64_t)))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), std::min(bytes.size(), sizeof(word)));
    hash = mixed(hash, word);
  }
  return hash;
}

std::uint64_t hash_of(std::span<const std::byte> bytes, const math::ThreadTeam& team) {
  std::vector<std::uint64_t> pieces((bytes.size() + kPieceBytes - 1) / kPieceBytes);
  team.for_each(pieces.size(), [&](std::size_t piece, std::size_t) {
    const auto rest = bytes.subspan(piece * kPieceBytes);
    pieces[piece] = hash_of(rest.first(std::min(rest.size(), kPieceBytes)));
  });
  return hash_of(std::as_bytes(std::span(pieces)));
}

/// A name and a hash for all that a replica holds, in order.
struct Hashes {
  std::vector<std::string> names;
  std::vector<std::uint64_t> values;

  void add(const std::string& group, const nn::ParameterSet& set, const math::ThreadTeam& team,
           bool with_values) {
    for (std::size_t block = 0; block < set.layout().blocks().size(); ++block) {
      names.push_back(group + "/" + set.layout()[block].name);
      if (with_values) values.push_back(hash_of(std::as_bytes(set.values(block)), team));
    }
  }
};

/// Of what each rank keeps for itself.
std::uint64_t hash_of(const SamplingState& sampling) {
  std::uint64_t hash = hash_of(std::as_bytes(std::span(&sampling.numbers, 1)));
  for (const auto* values : {&sampling.precision, &sampling.curvature, &sampling.kept_precision}) {
    hash = mixed(hash, hash_of(std::as_bytes(std::span(*values))));
  }
  return hash;
}

/// The ranks of a node hold one model, which is compared with other nodes' only: where not
/// `with_model`, how far training is stands alone.
Hashes hashes_of(const TrainState& state, const math::ThreadTeam& team, bool with_model,
                 Compared compared) {
  const auto loss = state.epoch_squared_error.words();
  const std::array progress{state.seed, state.epoch, state.position, state.step};
  const std::uint64_t progress_hash =
      mixed(hash_of(std::as_bytes(std::span(progress))), hash_of(std::as_bytes(std::span(loss))));
  Hashes hashes{{"the progress"}, {progress_hash}};
  if (state.sampling) {
    hashes.names.emplace_back("the precisions");
    hashes.values.push_back(hash_of(*state.sampling));
  }
  hashes.add("parameters", state.parameters, team, with_model);
  hashes.add("state", state.optimizer_state, team, with_model && compared == Compared::all);
  if (state.average) hashes.add("average", *state.average, team, with_model);
  return hashes;
}

/// The lowest of the ranks that hold what most hold. Those that say less hold it too, or nothing.
std::size_t most_common(const std::vector<std::string>& all) {
  std::size_t longest = 0;
  for (const std::string& one : all) longest = std::max(longest, one.size());
  std::map<std::string, std::ptrdiff_t> holders;
  for (const std::string& one : all) holders[one] += one.size() == longest ? 1 : 0;
  return static_cast<std::size_t>(
      std::ranges::max_element(all, {}, [&](const auto& one) { return holders[one]; }) -
      all.begin());
}

}  // namespace

void require_equal_replicas(comm::Communicator& ranks, const math::ThreadTeam& team,
                            const TrainState& state, const std::string& model, Compared compared) {
  if (ranks.size() == 1) return;
  const bool with_model = ranks.node_count() > 1 && ranks.node_rank() == 0;
  const Hashes own = hashes_of(state, team, with_model, compared);
  std::string text(own.values.size() * sizeof(std::uint64_t), '\0');
  std::memcpy(text.data(), own.values.data(), text.size());
  const std::vector<std::string> all = ranks.gather_all(text);
  const std::size_t most = most_common(all);
  const auto other =
      std::ranges::find_if(all, [&](const auto& hashes) { return !all[most].starts_with(hashes); });
  if (other == all.end()) return;
  const auto at = std::ranges::mismatch(*other, all[most]).in1 - other->begin();
  const auto block = static_cast<std::size_t>(at) / sizeof(std::uint64_t);
  throw comm::AgreedError(
      ErrorKind::io,
      fmt::format("{}: after step {} rank {} holds other bits of {} than rank {}: its memory or "
                  "processor errs, or it runs another program. The newest checkpoint is of before: "
                  "the same command, on other nodes, goes on from it.",
                  model, state.step, other - all.begin(), own.names[block], most));
}

}  // namespace nnrec::train
