#pragma once

#include <string>

#include "nnrec/nn/rate_schedule.hpp"
#include "nnrec/run/session.hpp"
#include "nnrec/train/train_state.hpp"

#include "resume.hpp"

namespace nnrec::run {

/// How far training is around an update.
struct NextUpdate {
  nn::TrainingTime before;
  nn::TrainingTime after;
};
/// Of the update that is made next.
NextUpdate next_update(const Session& session, const train::TrainProgress& progress);

/// What to warn of where the learning rate is 0 from some epoch on; else empty.
std::string lost_epochs_text(const Session& session);

/// What is in force from here on, for who goes on from `start` with `state`: a job that goes on is
/// often another one than its command's author has in mind.
std::string in_force_text(const Session& session, const train::TrainState& state,
                          const StartPoint& start);

}  // namespace nnrec::run
