#pragma once

#include "nnrec/run/session.hpp"

namespace nnrec::run {

/// Trains each variant of the run in options().verify once more from its last checkpoint but one
/// (or from the beginning) to its last, and compares every bit of the state. Writes nothing.
/// One with nothing to replay is named in the log, with the reason, and the others are verified.
/// Collective. Throws AgreedError of kind input when a variant comes out different, or none could
/// be replayed.
void verify_run(const Session& session);

}  // namespace nnrec::run
