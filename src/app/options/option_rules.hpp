#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "nnrec/base/nearest_name.hpp"

#include "violations.hpp"

namespace nnrec::app {

// A rule is a function of an option's name, its value, and the violations, where it notes what is
// wrong with the value as "--NAME VALUE ...".

inline auto any_value() {
  return [](const std::string&, const auto&, Violations&) {};
}

/// Both bounds are allowed; NaN is refused.
template <typename Bound>
auto in_range(Bound low, Bound high) {
  return [low, high](const std::string& name, const auto& value, Violations& violations) {
    violations.require(value >= low && value <= high,
                       fmt::format("--{} {} is not in {}..{}", name, value, low, high));
  };
}

inline auto finite() {
  return [](const std::string& name, double value, Violations& violations) {
    violations.require(std::isfinite(value),
                       fmt::format("--{} {} is no finite number", name, value));
  };
}

template <typename Bound>
auto at_least(Bound low) {
  return [low](const std::string& name, const auto& value, Violations& violations) {
    const std::string rule = low == 0 ? "negative" : fmt::format("not at least {}", low);
    violations.require(value >= low, fmt::format("--{} {} is {}", name, value, rule));
  };
}

/// [0, 1).
inline auto part_of_all() {
  return [](const std::string& name, double value, Violations& violations) {
    violations.require(value >= 0 && value < 1,
                       fmt::format("--{} {} is not in [0, 1)", name, value));
  };
}

inline auto one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& name, const std::string& value,
                                    Violations& violations) {
    if (std::ranges::find(words, value) != words.end()) return;
    violations.require(false, fmt::format("--{} {}", name, not_one_of(value, words)));
  };
}

/// `choices`: what may stand there, for the message.
inline auto not_empty(std::string choices) {
  return [choices = std::move(choices)](const std::string& name, const std::string& value,
                                        Violations& violations) {
    violations.require(!value.empty(), fmt::format("--{} is not {}", name, choices));
  };
}

/// `read` throws an Error where it does not understand the value; the message follows the name.
template <typename Read>
auto read_by(Read read) {
  return [read](const std::string& name, const std::string& value, Violations& violations) {
    violations.require_no_throw("--" + name + " ", [&] { read(value); });
  };
}

}  // namespace nnrec::app
