#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nnrec/run/session.hpp"

#include "resume.hpp"

namespace nnrec::run {

/// A line of differences() is of this option.
bool is_of(const std::string& line, std::string_view option);

/// Throws UsageError naming one of `changed`, lines of differences(), that nothing behind `start`
/// would heed: first weights, the optimiser's first state, a warm-up or a schedule that is over,
/// stretches of sampling. It would be recorded of a model that it has no part in.
void require_say(const StartPoint& start, const Session& session,
                 const std::vector<std::string>& changed);

}  // namespace nnrec::run
