#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "violations.hpp"

namespace nnrec::app {

template <typename Value>
inline constexpr bool is_optional = false;
template <typename Value>
inline constexpr bool is_optional<std::optional<Value>> = true;

/// How an option's value is written: numbers with the fewest digits that read back to the same.
template <typename Value>
std::string text_of(const Value& value) {
  if constexpr (is_optional<Value>) {
    return value ? text_of(*value) : "";
  } else {
    return fmt::format("{}", value);
  }
}

/// The texts of all elements of a list, or that of a single value.
template <typename Value>
std::vector<std::string> texts_of(const Value& value) {
  if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    return value;
  } else {
    return {text_of(value)};
  }
}

/// How the command line reads into `value`, whose present content is the default: a bool is a
/// switch, a list is given by repeating, what is empty is shown without a default.
template <typename Value>
boost::program_options::value_semantic* semantic_of(Value& value) {
  namespace po = boost::program_options;
  if constexpr (std::is_same_v<Value, bool>) {
    return po::bool_switch(&value);
  } else if constexpr (is_optional<Value>) {
    using Content = typename Value::value_type;
    return po::value<Content>()->notifier([&value](const Content& given) { value = given; });
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    return po::value(&value);
  } else {
    const std::string shown = text_of(value);
    return shown.empty() ? po::value(&value) : po::value(&value)->default_value(value, shown);
  }
}

/// Notes a value that would not come back from a file of lines `name = value`.
inline void require_line(const std::string& name, const std::string& value,
                         Violations& violations) {
  constexpr const char* kBlanks = " \t\r";
  const bool fits = value.find_first_of("#\n") == std::string::npos &&
                    (value.empty() || (value.find_first_not_of(kBlanks) == 0 &&
                                       value.find_last_not_of(kBlanks) + 1 == value.size()));
  violations.require(fits, fmt::format("--{} {} has a #, a line end, or a blank at an end, which "
                                       "options.cfg cannot hold: use another name, or a link",
                                       name, value));
}

}  // namespace nnrec::app
