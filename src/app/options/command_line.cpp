#include "command_line.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "nnrec/base/error.hpp"

namespace nnrec::app {
namespace po = boost::program_options;

CommandLine::CommandLine(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)), options_("Options", 100) {
  options_.add_options()("help,h", "print this text and exit")("version",
                                                               "print the version and exit");
}

void CommandLine::allow_config() {
  options_.add_options()(
      "config", po::value<std::string>(),
      "read options from this file (lines `name = value`); the command line wins");
}

std::string CommandLine::help() const {
  std::ostringstream text;
  text << summary_ << "\n\n" << options_;
  std::string help = text.str();
  help.pop_back();  // the log ends the line
  return help;
}

void CommandLine::parse_config(po::variables_map& values) const {
  const auto path = values["config"].as<std::string>();
  std::ifstream file(path);
  std::error_code ignored;
  if (!file || std::filesystem::is_directory(path, ignored)) {
    throw UsageError("--config {}: cannot be read; give a file of lines `name = value`", path);
  }
  try {
    po::store(po::parse_config_file(file, options_), values);
  } catch (const po::error& error) {
    throw UsageError("{}: {}. See {} --help.", path, error.what(), program_);
  }
  if (file.bad()) throw IoError("{}: reading stopped: the device reports an error", path);
}

std::optional<po::variables_map> CommandLine::parse(const std::vector<std::string>& arguments,
                                                    Log& log) const {
  po::variables_map values;
  try {
    using Style = po::command_line_style::style_t;
    po::store(po::command_line_parser(arguments)
                  .options(options_)
                  .positional(positional_)
                  // Without guessing: a mistyped or shortened name is refused.
                  .style(po::command_line_style::unix_style & ~Style::allow_guessing)
                  .run(),
              values);
  } catch (const po::error& error) {
    throw UsageError("{}. See {} --help.", error.what(), program_);
  }
  if (values.count("help") != 0) {
    log.line(help());
    return std::nullopt;
  }
  if (values.count("version") != 0) {
    log.print("{} {}", program_, NNREC_VERSION);
    return std::nullopt;
  }
  if (values.count("config") != 0) parse_config(values);
  try {
    po::notify(values);
  } catch (const po::error& error) {
    throw UsageError("{}. See {} --help.", error.what(), program_);
  }
  return values;
}

}  // namespace nnrec::app
