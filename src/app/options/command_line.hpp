#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/program_options.hpp>

#include "nnrec/base/log.hpp"

namespace nnrec::app {

/// One program's options as Boost.Program_options describes them, with the habits that all programs
/// share: --help, --version, an optional --config file (the command line wins over it); and, for
/// who installs the program, --help-man and --help-bash, which print its manual page and what bash
/// completes.
class CommandLine {
 public:
  /// `summary`: the lines above the option list in --help.
  CommandLine(std::string program, std::string summary);

  /// An option of the command line and, with allow_config(), of the file.
  void add(const std::string& name, boost::program_options::value_semantic* value,
           const std::string& help);
  /// Its path goes to `path`, where given.
  void allow_config(std::string* path = nullptr);
  /// What --version prints below the program's name and version: lines of its build.
  void build(std::string lines) { build_ = std::move(lines); }
  /// Read as a file of these lines would be, in the place of --config.
  void config_lines(std::string lines) { config_lines_ = std::move(lines); }
  /// Bare words go to this option.
  void positional(const std::string& name) { positional_.add(name.c_str(), -1); }

  /// Fills the options' variables and returns the names of those that were given. Returns nothing
  /// when --help or --version was asked for and printed to `log`. `preset` is asked when the
  /// variables are filled: lines as of a file, for what neither the command line nor the file
  /// gives. The file, which may be a pipe, is read once. Throws UsageError naming the option or the
  /// line of the file.
  std::optional<std::set<std::string>> parse(const std::vector<std::string>& arguments, Log& log,
                                             const std::function<std::string()>& preset = {}) const;

 private:
  std::string help() const;
  std::string manual_page() const;
  std::string completion() const;
  [[noreturn]] void refuse(const std::string& place,
                           const boost::program_options::error& error) const;
  void parse_config(boost::program_options::variables_map& values) const;
  void parse_lines(std::istream& lines, const std::string& place,
                   boost::program_options::variables_map& values) const;

  std::string program_;
  std::string summary_;
  std::string build_;
  std::string config_lines_;
  boost::program_options::options_description options_;
  boost::program_options::positional_options_description positional_;
};

}  // namespace nnrec::app
