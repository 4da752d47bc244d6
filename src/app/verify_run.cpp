#include "verify_run.hpp"

#include <memory>
#include <optional>

#include "nnrec/base/error.hpp"
#include "nnrec/comm/agreement.hpp"
#include "nnrec/nn/optimizer.hpp"
#include "nnrec/train/checkpoint.hpp"
#include "nnrec/train/trainer.hpp"

#include "resume.hpp"

namespace nnrec::app {
namespace {

/// Two ends of what is replayed.
struct Stretch {
  train::TrainState from;
  train::TrainState to;
};

/// Rank 0 reads both ends, all get them. Nothing where the run has no checkpoint of the variant.
std::optional<Stretch> last_stretch(const DistSession& session, const std::string& variant,
                                    const models::Network& network,
                                    const nn::Optimizer& optimizer) {
  const auto seed = static_cast<std::uint64_t>(session.options().seed);
  train::TrainState from = train::initial_state(network.layout(), optimizer, seed);
  train::TrainState to = from;
  comm::agree(session.ranks(), [&] {
    if (session.ranks().rank() != 0) return;
    const auto found = find_checkpoints(session.options().verify, variant);
    if (found.empty()) return;
    to = train::load_checkpoint(found.back().path, network.layout(), optimizer);
    if (found.size() == 1) return;
    from = train::load_checkpoint(found[found.size() - 2].path, network.layout(), optimizer);
  });
  train::broadcast(session.ranks(), from, 0);
  train::broadcast(session.ranks(), to, 0);
  if (to.step == 0) return std::nullopt;
  return Stretch{std::move(from), std::move(to)};
}

void verify_variant(const DistSession& session, const std::string& variant) {
  const models::Network network = session.build_network(variant);
  const auto optimizer = nn::make_optimizer(session.options().optimizer);
  auto stretch = last_stretch(session, variant, network, *optimizer);
  if (!stretch) {
    session.log().print("{}: no checkpoint, nothing to replay", variant);
    return;
  }
  const std::uint64_t first = stretch->from.step;
  const std::uint64_t last = stretch->to.step;
  train::Trainer trainer = session.make_trainer(network, *optimizer, std::move(stretch->from));
  while (trainer.state().step < last) {
    trainer.train([&](std::uint64_t step) { return train::StepRequest{false, step == last}; });
  }
  const std::string expected = stretch->to.digest();
  const std::string replayed = trainer.state().digest();
  if (replayed != expected) {
    throw comm::AgreedError(
        ErrorKind::input,
        fmt::format("{}: steps {} to {} replayed give other bits (state digest {:.16}, the "
                    "checkpoint has {:.16}): the run was made by another build, on damaged "
                    "hardware, or with options changed in between",
                    variant, first, last, replayed, expected));
  }
  session.log().print("{}: steps {} to {} replayed on {} ranks x {} threads: same bits, digest {}",
                      variant, first, last, session.ranks().size(), session.team().size(),
                      trainer.state().parameters.digest());
}

}  // namespace

void verify_run(const DistSession& session) {
  for (const std::string& name : session.options().variant_names()) verify_variant(session, name);
}

}  // namespace nnrec::app
