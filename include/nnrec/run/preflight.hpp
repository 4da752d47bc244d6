#pragma once

#include "nnrec/run/session.hpp"

namespace nnrec::run {

/// Says what a run would find on its nodes: ranks and threads, what all ranks agree on, memory,
/// shared memory and disk beside what training would take, the places that it writes. Reads no
/// ratings, writes nothing.
/// Collective. Throws AgreedError of kind io when something would stop the run.
void preflight(const Session& session);

}  // namespace nnrec::run
