#pragma once

#include "nnrec/run/session.hpp"

namespace nnrec::run {

/// Trains each variant of the run in options().verify once more from its last checkpoint but one
/// (or from the beginning) to its last, and compares every bit of the state. Writes nothing.
/// Collective. Throws AgreedError of kind input when a variant comes out different.
void verify_run(const Session& session);

}  // namespace nnrec::run
