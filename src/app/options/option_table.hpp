#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "nnrec/models/network.hpp"

#include "command_line.hpp"
#include "option_rules.hpp"
#include "option_values.hpp"
#include "violations.hpp"

namespace nnrec::app {

/// What an option's value is for besides its own process, as flags.
using OptionUses = unsigned;
inline constexpr OptionUses kOwn = 0;
inline constexpr OptionUses kAgreed = 1;  ///< must be the same on all ranks
inline constexpr OptionUses kSaved = 2;   ///< goes into options.cfg, which --config reads back
/// Decides the bits of the result: goes into checkpoints, and a resume compares it.
inline constexpr OptionUses kDecides = 4 | kAgreed | kSaved;

/// One line of a program's option table: name, member, rule, uses, help. `Options` is the plain
/// struct whose members the options are; its values when they are declared are the defaults.
template <typename Options>
class Option {
 public:
  /// What a deciding option comes to in this network; nothing where it has no say there.
  using Meaning = std::function<std::optional<std::string>(const Options&, const models::Network&)>;

  template <typename Value, typename Rule>
  Option(std::string name, Value Options::*member, Rule rule, OptionUses uses, std::string help,
         Meaning meaning = {})
      : name_(std::move(name)), help_(std::move(help)), uses_(uses), meaning_(std::move(meaning)) {
    declare_ = [member](Options& options) { return semantic_of(options.*member); };
    show_ = [member](const Options& options) { return texts_of(options.*member); };
    check_ = [this_name = name_, member, rule](const Options& options, Violations& violations) {
      if constexpr (is_optional<Value>) {
        if (options.*member) rule(this_name, *(options.*member), violations);
      } else {
        rule(this_name, options.*member, violations);
      }
    };
  }
  /// For a program without ranks and runs.
  template <typename Value, typename Rule>
  Option(std::string name, Value Options::*member, Rule rule, std::string help)
      : Option(std::move(name), member, rule, kOwn, std::move(help)) {}
  template <typename Value>
  Option(std::string name, Value Options::*member, std::string help)
      : Option(std::move(name), member, any_value(), kOwn, std::move(help)) {}

  bool is_for(OptionUses uses) const noexcept { return (uses_ & uses) == uses; }
  /// As options.cfg has it: `name = value`, with the line's end; of a list, a line an element.
  std::string lines(const Options& options) const {
    std::string text;
    for (const std::string& value : show_(options)) text += line(value);
    return text;
  }
  /// As checkpoints have it: one line, or none.
  std::string deciding(const Options& options, const models::Network& network) const {
    if (!is_for(kDecides)) return "";
    if (!meaning_) return lines(options);
    const auto value = meaning_(options, network);
    return value ? line(*value) : "";
  }
  void declare(CommandLine& line, Options& options) const {
    line.add(name_, declare_(options), help_);
  }
  void check(const Options& options, Violations& violations) const {
    check_(options, violations);
    if (!is_for(kSaved)) return;
    for (const std::string& value : show_(options)) require_line(name_, value, violations);
  }

 private:
  std::string line(const std::string& value) const {
    return fmt::format("{} = {}\n", name_, value);
  }

  std::string name_;
  std::string help_;
  OptionUses uses_;
  Meaning meaning_;
  std::function<boost::program_options::value_semantic*(Options&)> declare_;
  std::function<std::vector<std::string>(const Options&)> show_;
  std::function<void(const Options&, Violations&)> check_;
};

/// All options of one program, in the order of its help.
template <typename Options>
class OptionTable {
 public:
  OptionTable(std::initializer_list<Option<Options>> options) : options_(options) {}

  /// `options` outlives `line`, which reads into it.
  void declare(CommandLine& line, Options& options) const {
    for (const auto& option : options_) option.declare(line, options);
  }
  void check(const Options& options, Violations& violations) const {
    for (const auto& option : options_) option.check(options, violations);
  }
  /// Lines `name = value` of the options that are for all of `uses`.
  std::string lines(const Options& options, OptionUses uses) const {
    std::string text;
    for (const auto& option : options_)
      if (option.is_for(uses)) text += option.lines(options);
    return text;
  }
  /// Lines `name = value` of the options that decide this network's bits.
  std::string deciding(const Options& options, const models::Network& network) const {
    std::string text;
    for (const auto& option : options_) text += option.deciding(options, network);
    return text;
  }

 private:
  std::vector<Option<Options>> options_;
};

}  // namespace nnrec::app
