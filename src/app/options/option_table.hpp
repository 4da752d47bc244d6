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
  /// Whether a deciding option has a say in this network at all.
  using Where = std::function<bool(const Options&, const models::Network&)>;

  template <typename Value, typename Rule>
  Option(std::string name, Value Options::*member, Rule rule, OptionUses uses, std::string help,
         Where where = {})
      : name_(std::move(name)), help_(std::move(help)), uses_(uses), where_(std::move(where)) {
    declare_ = [member](Options& options) { return semantic_of(options.*member); };
    show_ = [member](const Options& options) { return text_of(options.*member); };
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
  bool decides(const Options& options, const models::Network& network) const {
    return is_for(kDecides) && (!where_ || where_(options, network));
  }
  /// As options.cfg and checkpoints have it: `name = value`, with the line's end.
  std::string line(const Options& options) const {
    return fmt::format("{} = {}\n", name_, show_(options));
  }
  void declare(CommandLine& line, Options& options) const {
    line.add(name_, declare_(options), help_);
  }
  void check(const Options& options, Violations& violations) const {
    check_(options, violations);
    if (is_for(kSaved)) require_line(name_, show_(options), violations);
  }

 private:
  std::string name_;
  std::string help_;
  OptionUses uses_;
  Where where_;
  std::function<boost::program_options::value_semantic*(Options&)> declare_;
  std::function<std::string(const Options&)> show_;
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
    return lines_where(options, [&](const auto& option) { return option.is_for(uses); });
  }
  /// Lines `name = value` of the options that decide this network's bits.
  std::string deciding(const Options& options, const models::Network& network) const {
    return lines_where(options,
                       [&](const auto& option) { return option.decides(options, network); });
  }

 private:
  template <typename Wanted>
  std::string lines_where(const Options& options, const Wanted& wanted) const {
    std::string text;
    for (const auto& option : options_)
      if (wanted(option)) text += option.line(options);
    return text;
  }

  std::vector<Option<Options>> options_;
};

}  // namespace nnrec::app
