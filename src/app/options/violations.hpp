#pragma once

#include <initializer_list>
#include <set>
#include <string>

#include "nnrec/base/error.hpp"

namespace nnrec::app {

/// Gathers everything that is wrong with a program's options, to name it all at once.
class Violations {
 public:
  explicit Violations(std::string program) : program_(std::move(program)) {}

  void require(bool holds, const std::string& text) {
    if (!holds) texts_ += (texts_.empty() ? "" : "; ") + text;
  }
  /// Notes each of the options `names` that was given, with `rule` behind it: for what nothing
  /// reads, and what would only seem to do something.
  void refuse_given(const std::set<std::string>& given, std::initializer_list<const char*> names,
                    const std::string& rule) {
    for (const char* name : names)
      require(!given.contains(name), std::string("--") + name + " " + rule);
  }
  /// Takes the message of an Error that `check` throws, behind `place`.
  template <typename Check>
  void require_no_throw(const std::string& place, const Check& check) {
    try {
      check();
    } catch (const Error& error) {
      require(false, place + error.what());
    }
  }
  /// Throws UsageError when anything was wrong.
  void throw_if_any() const {
    if (!texts_.empty()) throw UsageError("{}. See {} --help.", texts_, program_);
  }

 private:
  std::string program_;
  std::string texts_;
};

}  // namespace nnrec::app
