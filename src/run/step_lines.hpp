#pragma once

#include "nnrec/run/session.hpp"
#include "nnrec/train/trainer.hpp"

namespace nnrec::run {

/// Prints where the time of the trainer's steps went, and what they sent between nodes; nothing of
/// no steps. Collective.
void print_steps(const Session& session, const train::Trainer& trainer);

}  // namespace nnrec::run
