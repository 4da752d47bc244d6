#include "nnrec/run/option_lines.hpp"

#include <map>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "nnrec/io/atomic_file.hpp"

namespace nnrec::run {

std::vector<std::pair<std::string, std::string>> read_option_lines(const std::string& lines) {
  constexpr std::string_view kMark = " = ";
  std::vector<std::pair<std::string, std::string>> values;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const auto mark = line.find(kMark);
    if (mark == std::string::npos) continue;
    values.emplace_back(line.substr(0, mark), line.substr(mark + kMark.size()));
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> read_saved_options(
    const std::filesystem::path& run) {
  return read_option_lines(io::read_text(run / "options.cfg"));
}

std::string value_of(const std::vector<std::pair<std::string, std::string>>& values,
                     std::string_view name) {
  std::string found;
  for (const auto& [known, value] : values)
    if (known == name) found += (found.empty() ? "" : "; ") + value;
  return found;
}

std::vector<std::string> differing_lines(const std::string& now, const std::string& then,
                                         const std::string& absent) {
  struct Values {
    std::string now;
    std::string then;
  };
  // What one side alone has is a difference too.
  std::map<std::string, Values> both;
  for (const auto& [name, value] : read_option_lines(now)) both[name].now = value;
  for (const auto& [name, value] : read_option_lines(then)) both[name].then = value;
  const auto shown = [&](const std::string& value) { return value.empty() ? absent : value; };
  std::vector<std::string> lines;
  for (const auto& [name, values] : both) {
    if (values.now == values.then) continue;
    lines.push_back(fmt::format("{} = {}, was {}", name, shown(values.now), shown(values.then)));
  }
  return lines;
}

}  // namespace nnrec::run
