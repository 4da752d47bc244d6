#pragma once

#include <string>

#include "nnrec/run/session.hpp"
#include "nnrec/train/train_state.hpp"

#include "resume.hpp"

namespace nnrec::run {

/// What is in force from here on, for who goes on from `start` with `state`: a job that goes on is
/// often another one than its command's author has in mind.
std::string in_force_text(const Session& session, const train::TrainState& state,
                          const StartPoint& start);

}  // namespace nnrec::run
