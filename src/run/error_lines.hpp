#pragma once

#include <string>

#include "nnrec/run/session.hpp"
#include "nnrec/train/evaluation.hpp"

namespace nnrec::run {

/// Prints both errors by name, as other tools print one or the other, and they differ. Nothing of
/// no rows.
void print_errors(const Session& session, const std::string& what, const train::Errors& errors);

/// Warns of a model that a baseline beats; of two that do the simpler one is named: it says more.
void warn_if_worse(const Session& session, const std::string& variant, shards::Part part,
                   const train::Errors& errors);

}  // namespace nnrec::run
