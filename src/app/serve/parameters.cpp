#include "parameters.hpp"

#include <algorithm>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/numbers.hpp"

namespace nnrec::app {

Parameters::Parameters(const http::Request& request, const std::vector<std::string>& known)
    : request_(request) {
  for (const auto& [name, value] : request.parameters) {
    if (std::ranges::find(known, name) == known.end())
      throw UsageError("parameter {}", not_one_of(name, known));
  }
}

std::vector<std::string> Parameters::all(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [given, value] : request_.parameters)
    if (given == name) values.push_back(value);
  return values;
}

std::optional<std::string> Parameters::one(const std::string& name) const {
  const auto values = all(name);
  if (values.size() > 1) throw UsageError("parameter {} is given {} times", name, values.size());
  if (values.empty()) return std::nullopt;
  return values.front();
}

std::string Parameters::required(const std::string& name) const {
  const auto value = one(name);
  if (!value || value->empty()) throw UsageError("parameter {} is missing", name);
  return *value;
}

std::optional<std::int64_t> Parameters::integer(const std::string& name, std::int64_t low,
                                                std::int64_t high) const {
  const auto text = one(name);
  if (!text) return std::nullopt;
  const auto number = parse_number<std::int64_t>(*text);
  if (!number || *number < low || *number > high)
    throw UsageError("{} = {} is no whole number in {}..{}", name, *text, low, high);
  return *number;
}

bool Parameters::flag(const std::string& name) const {
  const std::string text = one(name).value_or("false");
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  throw UsageError("{} = {} is not true or false", name, text);
}

}  // namespace nnrec::app
