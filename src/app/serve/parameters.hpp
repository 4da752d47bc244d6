#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nnrec/http/message.hpp"

namespace nnrec::app {

/// The parameters of a request, by their names. Each call throws UsageError naming parameter, value
/// and rule.
class Parameters {
 public:
  /// `known`: the names that may stand there; another one is refused with the nearest.
  Parameters(const http::Request& request, const std::vector<std::string>& known);

  std::vector<std::string> all(const std::string& name) const;
  std::optional<std::string> one(const std::string& name) const;  ///< at most once
  std::string required(const std::string& name) const;
  std::optional<std::int64_t> integer(const std::string& name, std::int64_t low,
                                      std::int64_t high) const;
  bool flag(const std::string& name) const;  ///< true, false, 1 or 0; not given: false

 private:
  const http::Request& request_;
};

}  // namespace nnrec::app
