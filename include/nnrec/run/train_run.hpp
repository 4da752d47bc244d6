#pragma once

#include "nnrec/run/session.hpp"

namespace nnrec::run {

/// Trains every variant that the options name, from where the run's folder has it, to --epochs, and
/// fills the folder. Collective. Throws AgreedError, of kind interrupted when a rank was asked to
/// stop and all is saved.
void train_run(const Session& session);

}  // namespace nnrec::run
