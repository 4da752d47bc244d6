#include "command_line.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <typeinfo>

#include "nnrec/base/error.hpp"
#include "nnrec/base/nearest_name.hpp"
#include "nnrec/base/text.hpp"
#include "nnrec/run/build.hpp"

namespace nnrec::app {
namespace po = boost::program_options;

CommandLine::CommandLine(std::string program, std::string summary)
    : program_(std::move(program)),
      summary_(std::move(summary)),
      build_(run::build_lines()),
      options_("Options", 100) {
  options_.add_options()("help,h", "print this text and exit")("version",
                                                               "print the version and exit");
}

void CommandLine::add(const std::string& name, po::value_semantic* value, const std::string& help) {
  options_.add_options()(name.c_str(), value, help.c_str());
}

void CommandLine::allow_config(std::string* path) {
  options_.add_options()(
      "config", po::value<std::string>(path),
      "read options from this file (lines `name = value`); the command line wins");
}

std::string CommandLine::help() const {
  std::ostringstream text;
  text << summary_ << "\n\n" << options_;
  std::string help = text.str();
  help.pop_back();  // the log ends the line
  return help;
}

namespace {

/// A text as roff prints it.
std::string roff(std::string_view text) {
  std::string escaped;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
    begins = c == '\n';
  }
  return escaped;
}

/// The first sentence of what stands above the options, on one line.
std::string first_sentence(std::string text) {
  const auto begin = text.find("\n\n");
  if (begin != std::string::npos) text.erase(0, begin + 2);
  const auto end = text.find(".\n");
  text = text.substr(0, std::min(end, text.find(". ")));
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

/// Of the section 1 of manuals.
std::string CommandLine::manual_page() const {
  std::string page = fmt::format(".TH {0} 1 \"\" \"nnrec\" \"nnrec\"\n.SH NAME\n{0} \\- {1}\n",
                                 program_, roff(first_sentence(summary_)));
  page += fmt::format(".SH SYNOPSIS\n.B {0}\n[\\fIoption\\fR ...]\n", program_);
  page += fmt::format(".SH DESCRIPTION\n.nf\n{}\n.fi\n.SH OPTIONS\n", roff(summary_));
  for (const auto& option : options_.options()) {
    page += fmt::format(".TP\n.B \\-\\-{} {}\n{}\n", roff(option->long_name()),
                        roff(option->format_parameter()), roff(option->description()));
  }
  page +=
      ".SH EXIT STATUS\n0 done, 1 the input, 2 usage, 3 the machine or another rank, 4 a bug,\n";
  page += "75 stopped as asked with all saved.";
  return page;
}

std::string CommandLine::completion() const {
  std::string names;
  for (const auto& option : options_.options()) names += " --" + option->long_name();
  return fmt::format(
      "_{0}() {{\n"
      "  COMPREPLY=()\n"
      "  case $2 in -*) mapfile -t COMPREPLY < <(compgen -W '{1}' -- \"$2\") ;; esac\n"
      "}}\n"
      "complete -o default -F _{0} {0}",
      program_, names.substr(1));
}

namespace {

/// In a script it is a variable that was never set: to go on as if the option were not there would
/// do something else than was asked for.
void require_no_empty(const std::string& place, const po::parsed_options& parsed,
                      std::string_view mark) {
  for (const auto& option : parsed.options) {
    const bool has_empty = std::ranges::any_of(option.value, &std::string::empty);
    if (!has_empty) continue;
    throw UsageError(
        "{}{} is given without a value: give one, or leave the option out", place,
        option.position_key < 0 ? fmt::format("{}{}", mark, option.string_key) : "an argument");
  }
}

void require_values(const po::parsed_options& parsed) {
  require_no_empty("", parsed, "--");
  for (const auto& option : parsed.options) {
    if (option.position_key >= 0 || option.original_tokens.size() < 2) continue;
    const std::string& word = option.original_tokens[1];
    if (word.starts_with("--"))
      throw UsageError(
          "--{0} is given without a value: {1} behind it is an option. Where {1} is "
          "meant as a value, give --{0}={1}",
          option.string_key, word);
  }
}

bool takes_list(const po::option_description& option) {
  const auto* typed = dynamic_cast<const po::typed_value_base*>(option.semantic().get());
  return typed != nullptr && typed->value_type() == typeid(std::vector<std::string>);
}

/// Of words without an option in front of them the second is refused where one may stand, beside
/// the option that it was probably meant for.
void require_one_word(const std::vector<po::option>& given, const po::options_description& known) {
  std::string_view before;
  bool has_word = false;
  for (const po::option& option : given) {
    const bool is_word = option.position_key >= 0;
    if (is_word && has_word && !takes_list(known.find(option.string_key, false))) {
      throw UsageError("{}: what has no option in front of it is --{}, and there is one already{}",
                       option.value.front(), option.string_key,
                       before.empty() ? ""
                                      : fmt::format("; give --{0} once for each: --{0} {1}", before,
                                                    option.value.front()));
    }
    has_word = has_word || is_word;
    before = is_word ? "" : std::string_view(option.string_key);
  }
}

/// What an option takes, where Boost says no more than that a value is invalid.
std::string_view wanted(const po::option_description& option) {
  const auto* typed = dynamic_cast<const po::typed_value_base*>(option.semantic().get());
  if (typed == nullptr) return "";
  const std::type_info& type = typed->value_type();
  if (type == typeid(double) || type == typeid(float)) return ": it takes a number, as 0.05";
  const bool is_whole = type == typeid(int) || type == typeid(unsigned) ||
                        type == typeid(std::int64_t) || type == typeid(std::uint64_t);
  return is_whole ? ": it takes a whole number" : "";
}

/// Of another text that begins like one nothing is lost: names of options have no such bytes.
void skip_byte_order_mark(std::istream& file) {
  for (const char byte : kByteOrderMark) {
    if (file.peek() != std::char_traits<char>::to_int_type(byte)) return;
    file.get();
  }
}

}  // namespace

/// Boost's own message, with what it leaves open: the kind of number that an option takes, and the
/// nearest known name for one that is not.
void CommandLine::refuse(const std::string& place, const po::error& error) const {
  std::string hint;
  if (const auto* invalid = dynamic_cast<const po::invalid_option_value*>(&error)) {
    const std::string given = invalid->get_option_name();
    const auto* option = options_.find_nothrow(given.substr(given.find_first_not_of('-')), false);
    if (option != nullptr) hint = wanted(*option);
  }
  if (const auto* unknown = dynamic_cast<const po::unknown_option*>(&error)) {
    const std::string given = unknown->get_option_name();
    std::vector<std::string> known;
    for (const auto& option : options_.options()) known.push_back("--" + option->long_name());
    hint = did_you_mean("--" + given.substr(std::min(given.find_first_not_of('-'), given.size())),
                        known);
  }
  throw UsageError("{}{}{}. See {} --help.", place, error.what(), hint, program_);
}

void CommandLine::parse_config(po::variables_map& values) const {
  const auto path = values["config"].as<std::string>();
  std::ifstream file(path);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    throw UsageError("--config {}: cannot be read; give a file of lines `name = value`", path);
  }
  skip_byte_order_mark(file);
  parse_lines(file, path, values);
  if (file.bad()) throw IoError("{}: reading stopped: the device reports an error", path);
}

/// `place`: of the file; empty: the lines are of none.
void CommandLine::parse_lines(std::istream& lines, const std::string& place,
                              po::variables_map& values) const {
  const std::string front = place.empty() ? "" : place + ": ";
  try {
    const auto parsed = po::parse_config_file(lines, options_);
    // Where standard input was meant, it may have gone to another process.
    std::error_code ignored;
    if (parsed.options.empty() && !lines.bad())
      throw UsageError("--config {}: sets no option; give lines `name = value`, or leave it out{}",
                       place,
                       std::filesystem::is_fifo(place, ignored)
                           ? " (mpirun gives its standard input to rank 0 alone)"
                           : "");
    require_no_empty(front, parsed, "");
    for (const auto& option : parsed.options) {
      if (option.string_key == "config")
        throw UsageError("{}config = {}: a file of options names no other; put its lines in here",
                         front, fmt::join(option.value, " "));
    }
    po::store(parsed, values);
  } catch (const po::error& error) {
    refuse(front, error);
  }
}

std::optional<std::set<std::string>> CommandLine::parse(
    const std::vector<std::string>& arguments, Log& log,
    const std::function<std::string()>& preset) const {
  po::variables_map values;
  po::options_description all;
  all.add(options_).add_options()("help-man", "")("help-bash", "");
  try {
    using Style = po::command_line_style::style_t;
    const auto parsed = po::command_line_parser(arguments)
                            .options(all)
                            .positional(positional_)
                            // Without guessing: a mistyped or shortened name is refused.
                            .style(po::command_line_style::unix_style & ~Style::allow_guessing)
                            .run();
    require_values(parsed);
    require_one_word(parsed.options, all);
    po::store(parsed, values);
  } catch (const po::error& error) {
    refuse("", error);
  }
  for (const auto& [name, text] :
       {std::pair("help", &CommandLine::help), std::pair("help-man", &CommandLine::manual_page),
        std::pair("help-bash", &CommandLine::completion)}) {
    if (values.count(name) == 0) continue;
    log.line((this->*text)());
    return std::nullopt;
  }
  if (values.count("version") != 0) {
    constexpr std::string_view kName = "version = ";  // the first line's
    log.print("{} {}", program_,
              std::string_view(build_).substr(kName.size(), build_.size() - kName.size() - 1));
    return std::nullopt;
  }
  if (!config_lines_.empty()) {
    std::istringstream lines(config_lines_);
    parse_lines(lines, "", values);
  } else if (values.count("config") != 0) {
    parse_config(values);
  }
  try {
    po::notify(values);
    std::set<std::string> given;
    for (const auto& [name, value] : values)
      if (!value.defaulted()) given.insert(name);
    if (preset) {
      std::istringstream lines(preset());
      po::store(po::parse_config_file(lines, options_), values);
      po::notify(values);
    }
    return given;
  } catch (const po::error& error) {
    refuse("", error);
  }
}

}  // namespace nnrec::app
